/** npm forwards a Ctrl-C that the terminal has already sent: a signal this soon after the first one is a copy of it. */
const COPY_IN_MS = 1000;

/**
 * Returns a signal that aborts at the first Ctrl-C (SIGINT), SIGTERM or closed terminal (SIGHUP), which no longer end the
 * process. From then on the process also survives output that nobody reads.
 *
 * @param onAnother is called for each later signal, except for copies of the first one; ends the process by default
 */
export function abortOnInterruption(onAnother: () => void = () => process.exit(1)): AbortSignal {
  const interrupted = new AbortController();
  let firstAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (interrupted.signal.aborted && performance.now() - firstAt > COPY_IN_MS) onAnother();
      if (!interrupted.signal.aborted) firstAt = performance.now();
      interrupted.abort();
    });
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  return interrupted.signal;
}
