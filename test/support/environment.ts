// Runs before a test file is loaded: the functions it imports find the variables the stack would give them, and what the run
// logs and hands out is kept, to be searched at its end.
import { appendFileSync } from 'node:fs';
import { beforeEach, inject } from 'vitest';
import { handlersLogOf, rememberSecrets } from './secrets.ts';

const { baseUrl, dir, environment } = inject('stack');

Object.assign(process.env, environment);

const write: typeof process.stdout.write = process.stdout.write.bind(process.stdout);
let logged: string[] = [];

// A handler's log line is shown only when its test fails; of tests that run side by side, all lines since the last began.
process.stdout.write = ((...args: Parameters<typeof write>) => {
  const [text] = args;
  if (typeof text === 'string') appendFileSync(handlersLogOf(dir), text, { mode: 0o600 });
  if (typeof text === 'string' && text.startsWith('{"level":')) return logged.push(text) > 0;
  return write(...args);
}) as typeof write;

beforeEach(({ onTestFailed }) => {
  logged = [];
  onTestFailed(() => void write(logged.join('')));
});

const { fetch } = globalThis;

// Every client that runs in the test's process asks the running API by this, the official ones included.
globalThis.fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (!response.url.startsWith(baseUrl)) return response;
  rememberSecrets(dir, [await response.clone().text(), ...[...response.headers].map(([, value]) => value)]);
  return response;
};
