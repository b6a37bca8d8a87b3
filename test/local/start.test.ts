import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { listenLocally } from '../../local/aws/server.ts';
import { isAlive } from '../../local/aws/system-process.ts';
import { temporaryDirectory } from './tiny-stack.ts';

const command = fileURLToPath(new URL('../../local/start.mjs', import.meta.url));

interface Run {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly onOutput?: (output: string, interrupt: () => void) => void;
}

/** Runs the command in a process group of its own, which `interrupt` sends what Ctrl-C sends. */
async function run({ args = [], env = {}, onOutput }: Run) {
  const LOCAL_DIR = env.LOCAL_DIR ?? (await temporaryDirectory());
  const child = spawn(process.execPath, [command, ...args], {
    env: { ...process.env, PORT: '0', LOCAL_DIR, ...env },
    detached: true,
  });
  const interrupt = () => void process.kill(-(child.pid ?? 0), 'SIGINT');
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      output[name] += chunk.toString();
      onOutput?.(output.stdout, interrupt);
    });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, ...output };
}

test.each([
  ['an unknown option', ['--frsh'], {}, 'Unknown option --frsh. Available options: --fresh, --test-keys.'],
  ['a port that is none', [], { PORT: 'http' }, 'PORT=http is not a port: use a number up to 65535.'],
  [
    'an origin with a path',
    [],
    { ALLOWED_ORIGIN: 'http://a.test/' },
    'ALLOWED_ORIGIN=http://a.test/ is not an origin: use one such as http://127.0.0.1:5173.',
  ],
  [
    'a sign-in page that is no URL',
    [],
    { SIGN_IN_URL: '/sign-in' },
    'SIGN_IN_URL=/sign-in is not a URL: use one such as http://127.0.0.1:5173/sign-in, or none.',
  ],
])('%s is refused in one line', async (_case, args, env, message) => {
  expect(await run({ args, env })).toEqual({ status: 1, stdout: '', stderr: `${message}\n` });
});

test('a taken port is refused in one line that says what to do', async () => {
  const { port, stop } = await listenLocally(createServer(), 0);

  const { status, stderr } = await run({ env: { PORT: String(port) } });
  await stop();

  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: `Port ${port} is taken: stop the process that listens there, or choose another port with PORT=${port + 1} npm start.\n`,
  });
});

test('Ctrl-C in the middle of the start leaves no process behind', async () => {
  const LOCAL_DIR = await temporaryDirectory();
  const engine = Promise.withResolvers<number>();

  const { status } = await run({
    env: { LOCAL_DIR },
    onOutput: (output, interrupt) => {
      if (!output.includes('synthesizing')) return;
      readFile(join(LOCAL_DIR, 'engine.pid'), 'utf8')
        .then((pid) => engine.resolve(Number(pid)), engine.reject)
        .finally(interrupt);
    },
  });

  expect(status).toBe(0);
  expect(isAlive(await engine.promise)).toBe(false);
});
