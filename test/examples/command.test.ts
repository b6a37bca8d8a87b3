// How an example starts as a command, without the stack of an example.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { listenLocally } from '../../local/aws/server.ts';

const command = new URL('../../examples/command.ts', import.meta.url).href;

/** Starts an example that tells its ports, and interrupts it once it runs. */
async function runExample(ports: readonly [number, number], env: Readonly<Record<string, string>> = {}) {
  const script = `
    const { runExample } = await import(${JSON.stringify(command)});
    const start = async ({ ports, report }) => {
      report('  a step');
      const server = setInterval(() => undefined, 1000);
      return { ports, stop: async () => clearInterval(server) };
    };
    await runExample(${JSON.stringify(ports)}, start, async (example) => [JSON.stringify(example.ports)]);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { env: { ...process.env, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (stdout.includes('Ctrl-C stops it;')) child.kill('SIGINT');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, stdout, stderr };
}

async function takenPort(): Promise<number> {
  const { port, stop } = await listenLocally(createServer(), 0);
  onTestFinished(stop);
  return port;
}

test('an example shows its steps while it starts, and says goodbye', async () => {
  const { status, stdout } = await runExample([0, 0]);

  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^Starting the local stack, .*…\n {2}a step\n\n\[0,0\]\n\nCtrl-C stops it; .*\n\nStopped\.\n$/,
  );
});

test('an example whose usual port is taken uses a free one, and says so', async () => {
  const taken = await takenPort();

  const { stdout } = await runExample([taken, 0]);

  expect(stdout).toContain(`Port ${taken} is taken, so a free one is used in its place.\n`);
  expect(stdout).toContain('[0,0]');
});

test('an example listens on the port of PORT, also when that is the usual one of its API', async () => {
  const { stdout } = await runExample([0, 45_871], { PORT: '45871' });

  expect(stdout).toContain('[45871,0]');
});

test('a PORT that is not a port is refused in one line', async () => {
  expect(await runExample([0, 0], { PORT: 'http' })).toEqual({
    status: 1,
    stdout: '',
    stderr: 'PORT=http is not a port: use a number up to 65535.\n',
  });
});

test('an example names the process that a script has to stop, which is not the one of npm', async () => {
  const script = `
    const { runExample } = await import(${JSON.stringify(command)});
    const server = setInterval(() => undefined, 1000);
    const start = async () => ({ stop: async () => clearInterval(server) });
    await runExample([0, 0], start, async () => []);
  `;
  // As npm does, and as dash does with the signals that npm sends to it.
  const shell = spawn('sh', ['-c', '"$0" --input-type=module --eval "$1"; echo "$?"', process.execPath, script]);
  let stdout = '';
  shell.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    const [, pid] = /"kill (\d+)"/.exec(chunk.toString()) ?? [];
    if (pid) process.kill(Number(pid), 'SIGTERM');
  });
  await new Promise((resolve) => shell.once('close', resolve));

  expect(stdout).toMatch(/\n\nStopped\.\n0\n$/);
}, 20_000);
