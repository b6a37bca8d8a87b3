import { setTimeout as sleep } from 'node:timers/promises';
import { abortOnInterruption } from '../cdk/commands/abort-on-interruption.ts';
import { StartError } from './aws/start-error.ts';

const LONGEST_STOP_IN_MS = 2000;
/** A terminal sends Ctrl-C to the engine as well, which may end before this process receives it. */
const CTRL_C_IN_MS = 300;

interface Interruptible {
  /** Aborts when the process is asked to end. */
  readonly signal: AbortSignal;
  /** Reports that a part has ended on its own, which ends the process. */
  readonly onCrash: (reason: string) => void;
}

interface Running {
  stop(): Promise<void>;
}

/** Returns the text for an error that keeps a command from running; with a stack trace only where it is not one of the expected ones. */
function textOf(error: unknown): unknown {
  if (error instanceof StartError) return error.message;
  if (!(error instanceof Error && 'code' in error && 'path' in error)) return error;
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'you have no permission',
    EPERM: 'the system does not permit it',
    EROFS: 'its file system is read-only',
    ENOSPC: 'the disk is full',
  };
  const reason = reasons[String(error.code)];
  return reason
    ? `${error.path} cannot be written, because ${reason}: choose another directory with LOCAL_DIR.`
    : error;
}

function exit(status: number): never {
  if (status === 0) console.log('\nStopped.');
  process.exit(status);
}

/**
 * Runs a command until Ctrl-C, SIGTERM or a closed terminal, which stop it and end the process with exit code 0. The exit code is
 * 1 when `start` rejects or a part crashes. Two seconds after the first signal, or at a second one, the process ends at once;
 * its exit hooks then end what still runs.
 */
export async function runUntilInterrupted(start: (interruptible: Interruptible) => Promise<Running>): Promise<void> {
  const signal = abortOnInterruption();
  let running: Running | undefined;

  async function end(status: number): Promise<never> {
    setTimeout(() => process.exit(status), LONGEST_STOP_IN_MS).unref();
    await running?.stop();
    exit(status);
  }

  async function crash(reason: string): Promise<void> {
    await sleep(CTRL_C_IN_MS);
    if (signal.aborted) return;
    console.error(`${reason} Start again.`);
    await end(1);
  }

  signal.addEventListener('abort', () => {
    if (running) void end(0);
    else setTimeout(() => process.exit(0), LONGEST_STOP_IN_MS).unref();
  });
  try {
    running = await start({ signal, onCrash: (reason) => void crash(reason) });
    if (signal.aborted) await end(0);
  } catch (error) {
    if (signal.aborted) exit(0);
    console.error(textOf(error));
    process.exit(1);
  }
}
