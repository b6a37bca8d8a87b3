// Runs before a test file is loaded: the functions it imports find the variables the stack would give them.
import { beforeEach, inject } from 'vitest';

Object.assign(process.env, inject('stack').environment);

const write: typeof process.stdout.write = process.stdout.write.bind(process.stdout);
let logged: string[] = [];

// A handler's log line is shown only when its test fails; of tests that run side by side, all lines since the last began.
process.stdout.write = ((...args: Parameters<typeof write>) => {
  const [text] = args;
  if (typeof text === 'string' && text.startsWith('{"level":')) return logged.push(text) > 0;
  return write(...args);
}) as typeof write;

beforeEach(({ onTestFailed }) => {
  logged = [];
  onTestFailed(() => void write(logged.join('')));
});
