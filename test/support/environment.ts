// Runs before a test file is loaded: the functions it imports find the variables the stack would give them, and what they log
// is kept, to be searched at the end of the run.
import { beforeEach, inject } from 'vitest';
import { keepHandlersLog } from './secrets.ts';

Object.assign(process.env, inject('stack').environment);

const write: typeof process.stdout.write = process.stdout.write.bind(process.stdout);
let logged: string[] = [];

// A handler's log line is shown only when its test fails; of tests that run side by side, all lines since the last began.
process.stdout.write = ((...args: Parameters<typeof write>) => {
  const [text] = args;
  if (typeof text !== 'string' || !text.startsWith('{"level":')) return write(...args);
  keepHandlersLog(text);
  return logged.push(text) > 0;
}) as typeof write;

beforeEach(({ onTestFailed }) => {
  logged = [];
  onTestFailed(() => void write(logged.join('')));
});
