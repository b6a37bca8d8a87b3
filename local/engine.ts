import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Directory } from './directory.ts';
import { writePrivateFile } from './private-file.ts';
import { Refusal } from './refusal.ts';
import type { Address } from './server.ts';
import { commandLineOf, endProcess } from './system-process.ts';

/** The embedded DynamoDB engine, a child process that stores in one SQLite file. */
export interface Engine {
  readonly endpoint: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** The engine's binary for a platform. @throws Refusal naming `DYNAMODB_ENDPOINT` where there is none. */
export function engineBinary(platform: string): string {
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(require.resolve(`@dynoxide/${platform}/package.json`)), 'dynoxide');
  } catch {
    throw new Refusal(
      `No embedded DynamoDB engine is installed for ${platform}: start one with "npx -y dynoxide@1.2.1 serve --port 8000" or "docker run -p 8000:8000 amazon/dynamodb-local", then "DYNAMODB_ENDPOINT=http://127.0.0.1:8000 npm start".`,
    );
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/**
 * Ends the engine that a killed run left behind; the engine does not die with its parent. A process that is not an engine on
 * this directory's database is left alone, whatever id was noted.
 */
export async function endLeftOverEngine(directory: Directory): Promise<void> {
  const pid = Number(await readFile(directory.engine, 'utf8').catch(() => ''));
  const [command = '', ...args] = commandLineOf(pid);
  if (command.endsWith('dynoxide') && args.includes(directory.database)) await endProcess(pid);
  await rm(directory.engine, { force: true });
}

/**
 * Starts the engine, on a free port of 127.0.0.1 unless told, and resolves once it answers. It is ended by `stop()`, and at the latest when this process
 * exits, by whatever cause but SIGKILL; `onCrash` is called if it ends on its own.
 */
export async function startEngine(
  directory: Directory,
  onCrash: () => void,
  platform = `${process.platform}-${process.arch}`,
  address: Address = { host: '127.0.0.1', port: 0 },
): Promise<Engine> {
  const binary = engineBinary(platform);
  // A port found free can be taken by another process before the engine binds it.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const engine = await tryToStart(binary, directory, onCrash, address);
    if (engine) return engine;
  }
  throw new Refusal(`The DynamoDB engine does not start: run "${binary} serve" to see why.`);
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(endpoint).then(
    () => true,
    () => false,
  );
}

async function tryToStart(
  binary: string,
  directory: Directory,
  onCrash: () => void,
  { host, port: wanted }: Address,
): Promise<Engine | undefined> {
  const port = wanted || (await freePort());
  const args = ['serve', '--host', host, '--port', String(port), '--db-path', directory.database];
  const child = spawn(binary, args, { stdio: 'ignore' });
  const state = { running: true, wanted: false };
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  void ended.then(() => {
    state.running = false;
    process.off('exit', kill);
    if (state.wanted) onCrash();
  });
  const { pid } = child;
  if (pid === undefined) return undefined;
  await writePrivateFile(directory.engine, `${pid}\n`);

  const endpoint = `http://${host}:${port}`;
  while (state.running && !(await answers(endpoint))) await sleep(10);
  if (!state.running) return undefined;
  state.wanted = true;

  async function stop() {
    state.wanted = false;
    child.kill('SIGTERM');
    const force = setTimeout(kill, 2000);
    await ended;
    clearTimeout(force);
    await rm(directory.engine, { force: true });
  }
  return { endpoint, pid, stop };
}
