// Stores the log lines of the handlers in a test process. They are searched at the end of the run, and printed only when a test
// fails. This file is loaded once in a process, however many test files that process runs.
import { keepHandlersLog } from './secrets.ts';

const write: typeof process.stdout.write = process.stdout.write.bind(process.stdout);
let logged: string[] = [];

process.stdout.write = ((...args: Parameters<typeof write>) => {
  const [text] = args;
  if (typeof text !== 'string' || !text.startsWith('{"level":')) return write(...args);
  keepHandlersLog(text);
  return logged.push(text) > 0;
}) as typeof write;

/** Drops the log lines so far. */
export function forgetHandlersLog(): void {
  logged = [];
}

/** Prints the log lines since then; for tests that run side by side, since the last of them started. */
export function printHandlersLog(): void {
  write(logged.join(''));
}
