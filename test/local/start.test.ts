import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
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

/** Runs the command in a process group of its own, to which `interrupt` sends SIGINT, as Ctrl-C does. */
async function run({ args = [], env = {}, onOutput }: Run) {
  const LOCAL_DIR = env.LOCAL_DIR ?? (await temporaryDirectory());
  const child = spawn(process.execPath, [command, ...args], {
    env: { ...process.env, DYNAMODB_ENDPOINT: '', PORT: '0', LOCAL_DIR, ...env },
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
  ['an unknown option', ['--frsh'], {}, 'Unknown option --frsh. Run "npm start -- --help" for all of them.'],
  ['a port that is not a number', [], { PORT: 'http' }, 'PORT=http is not a port: use a number up to 65535.'],
  [
    'an origin with a path',
    [],
    { ALLOWED_ORIGIN: 'http://a.test/' },
    'ALLOWED_ORIGIN=http://a.test/ is not an origin: use one such as http://127.0.0.1:5173.',
  ],
  [
    'a sign-in page that is not a URL',
    [],
    { SIGN_IN_URL: '/sign-in' },
    'SIGN_IN_URL=/sign-in is not a URL: use one such as http://127.0.0.1:5173/sign-in, or none.',
  ],
  [
    'a page of the app that is not a URL',
    [],
    { APP_URL: '/orders' },
    'APP_URL=/orders is not a URL: use one such as http://127.0.0.1:8080/impersonate.',
  ],
  [
    'a page of the app to which browsers would send no cookies',
    [],
    { APP_URL: 'http://localhost:8080/' },
    'APP_URL=http://localhost:8080/ is on another site than the API on 127.0.0.1, so browsers would drop the cookies: open your app ' +
      'as 127.0.0.1, and write APP_URL so.',
  ],
])('%s is refused in one line', async (_case, args, env, message) => {
  expect(await run({ args, env })).toEqual({ status: 1, stdout: '', stderr: `${message}\n` });
});

test('the help names every option and every variable that the command reads', async () => {
  const source = await readFile(new URL('../../local/start.ts', import.meta.url), 'utf8');
  const names = [...source.matchAll(/\benv\.([A-Z_]+)|'(--[a-z-]+)'/g)].map(
    ([, variable, option]) => variable ?? option,
  );

  const { status, stdout, stderr } = await run({ args: ['--help', '--fresh'] });

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(names.length).toBeGreaterThan(8);
  for (const name of [...names, 'LOCAL_DIR']) expect(stdout).toContain(`  ${name} `);
});

test.each(['file', 'file/below'])('a LOCAL_DIR that cannot be one is refused in one line: %s', async (name) => {
  const dir = await temporaryDirectory();
  await writeFile(join(dir, 'file'), '');
  const path = join(dir, name);

  expect(await run({ env: { LOCAL_DIR: path } })).toMatchObject({
    status: 1,
    stderr: `${path} is not a directory: choose one with LOCAL_DIR, such as LOCAL_DIR=.local-2.\n`,
  });
});

test.skipIf(process.platform !== 'linux')('a LOCAL_DIR that cannot be written is refused in one line', async () => {
  const { status, stderr } = await run({ env: { LOCAL_DIR: '/sys/actor-tokens' } });

  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^\/sys\/actor-tokens cannot be written, because .*: choose another directory with LOCAL_DIR\.\n$/,
  );
});

test('without a run, --show says how to start one', async () => {
  const LOCAL_DIR = await temporaryDirectory();

  expect(await run({ args: ['--show'], env: { LOCAL_DIR } })).toEqual({
    status: 1,
    stdout: '',
    stderr: `Nothing runs in ${LOCAL_DIR}: run "npm start" first, or choose the directory with LOCAL_DIR.\n`,
  });
});

test('the terminal shows a line for each request, --show repeats the keys, and Ctrl-C says goodbye', async () => {
  const LOCAL_DIR = await temporaryDirectory();
  const started = Promise.withResolvers<() => void>();
  const running = run({
    env: { LOCAL_DIR },
    onOutput: (output, interrupt) => {
      if (output.includes('Requests:\n')) started.resolve(interrupt);
    },
  });
  const interrupt = await started.promise;
  const { baseUrl } = JSON.parse(await readFile(join(LOCAL_DIR, 'instance.json'), 'utf8'));

  for (const path of ['/v1/health', '/', '/__local/clock', '/v1/jwks?ticket=secret'])
    await (await fetch(baseUrl + path)).arrayBuffer();
  await fetch(`${baseUrl}/v1/environment`, { headers: { 'x-playground-repeated': '1' } });
  const shown = await run({ args: ['--show'], env: { LOCAL_DIR } });
  interrupt();
  const { status, stdout } = await running;

  const [banner = '', requests] = stdout.split('Requests:\n');
  expect(status).toBe(0);
  expect(requests).toMatch(/^\d\d:\d\d:\d\d GET \/v1\/jwks 401 \d+ ms\n\nStopped\.\n$/);
  expect(shown).toMatchObject({ status: 0, stderr: '' });
  expect(shown.stdout).toContain('  secret key       sk_');
  expect(banner).toContain(shown.stdout.trimEnd());
  expect(banner).toMatch(/ a script stops it with "kill \d+"\./);
}, 120_000);

test('a taken port is refused in one line that names another port', async () => {
  const { port, stop } = await listenLocally(createServer(), 0);

  const { status, stderr } = await run({ env: { PORT: String(port) } });
  await stop();

  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: `Port ${port} is taken: stop the process that listens there, or choose another port with PORT=${port + 1} npm start.\n`,
  });
});

test('Ctrl-C during the start leaves no process behind', async () => {
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
