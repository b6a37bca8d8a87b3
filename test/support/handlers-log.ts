// Takes what the handlers log in a process that runs tests: it is kept, to be searched at the end of the run, and shown only
// when a test fails. Loaded once in a process, however many test files that runs.
import { keepHandlersLog } from './secrets.ts';

const write: typeof process.stdout.write = process.stdout.write.bind(process.stdout);
let logged: string[] = [];

process.stdout.write = ((...args: Parameters<typeof write>) => {
  const [text] = args;
  if (typeof text !== 'string' || !text.startsWith('{"level":')) return write(...args);
  keepHandlersLog(text);
  return logged.push(text) > 0;
}) as typeof write;

/** Forgets what was logged before. */
export function forgetHandlersLog(): void {
  logged = [];
}

/** Prints what was logged since; of tests that run side by side, since the last of them began. */
export function printHandlersLog(): void {
  write(logged.join(''));
}
