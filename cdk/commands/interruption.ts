/** A signal so soon after the first one is the same Ctrl-C, which npm passes on. */
const SAME_SIGNAL_IN_MS = 1000;

/**
 * Aborted by the first Ctrl-C or SIGTERM, which from now on do not end the process by themselves.
 *
 * @param onAnother called by each later one, copies of the first aside; ends the process unless told otherwise
 */
export function interruption(onAnother: () => void = () => process.exit(1)): AbortSignal {
  const interrupted = new AbortController();
  let firstAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (interrupted.signal.aborted && performance.now() - firstAt > SAME_SIGNAL_IN_MS) onAnother();
      if (!interrupted.signal.aborted) firstAt = performance.now();
      interrupted.abort();
    });
  return interrupted.signal;
}
