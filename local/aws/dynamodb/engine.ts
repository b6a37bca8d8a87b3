import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writePrivateFile } from '../private-file.ts';
import { type Address, listenAt } from '../server.ts';
import { StartError } from '../start-error.ts';
import { commandLineOf, endProcess } from '../system-process.ts';

/** The embedded DynamoDB engine, a child process that stores in one SQLite file. */
export interface Engine {
  readonly endpoint: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** The files of an engine. */
export interface EngineFiles {
  /** The SQLite file. */
  readonly database: string;
  /** The file with the id of the engine's process, by which a later run finds an engine that was left running. */
  readonly pidFile: string;
}

export interface EngineOptions extends EngineFiles {
  readonly binary: string;
  readonly address: Address;
  /** Called when the engine ends on its own. */
  readonly onCrash: () => void;
}

/** Returns the path of the engine's binary for a platform, such as `linux-x64`; undefined when it is not installed. */
export function engineBinary(platform: string): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(require.resolve(`@dynoxide/${platform}/package.json`)), 'dynoxide');
  } catch {
    return undefined;
  }
}

/** Returns a free port, or the given one when no process listens on it. */
async function freePort(address: Address): Promise<number> {
  const { port, stop } = await listenAt(createServer(), address);
  await stop();
  return port;
}

/**
 * Ends the engine that a killed run left behind, because an engine does not end with its parent. A process that is not an engine
 * on this database is left alone, whatever id the file contains.
 */
export async function endLeftOverEngine({ database, pidFile }: EngineFiles): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  const [command = '', ...args] = commandLineOf(pid);
  if (command.endsWith('dynoxide') && args.includes(database)) await endProcess(pid);
  await rm(pidFile, { force: true });
}

/**
 * Starts the engine and resolves once it answers. `stop()` ends it; otherwise it ends when this process exits, except by SIGKILL.
 *
 * @throws StartError when the port is taken, or the engine does not start
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  // Another process can take a port between the check that it is free and the engine's start.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const engine = await tryToStart(options);
    if (engine) return engine;
  }
  throw new StartError(`The DynamoDB engine does not start: run "${options.binary} serve" to see why.`);
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(endpoint).then(
    () => true,
    () => false,
  );
}

/** Ends a child process with this process, and tells whether it still runs. */
function watch(child: ChildProcess) {
  const state = { isRunning: true };
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  }).then(() => {
    state.isRunning = false;
    process.off('exit', kill);
  });
  return { state, kill, ended };
}

async function tryToStart(options: EngineOptions): Promise<Engine | undefined> {
  const { binary, database, pidFile, onCrash } = options;
  const { host } = options.address;
  // A process that already listens on the port would be mistaken for the engine.
  const port = await freePort(options.address);
  const args = ['serve', '--host', host, '--port', String(port), '--db-path', database];
  const child = spawn(binary, args, { stdio: 'ignore' });
  const { state, kill, ended } = watch(child);
  const { pid } = child;
  if (pid === undefined) return undefined;
  await writePrivateFile(pidFile, `${pid}\n`);

  const endpoint = `http://${host}:${port}`;
  while (state.isRunning && !(await answers(endpoint))) await sleep(10);
  if (!state.isRunning) return undefined;
  const stopping = new AbortController();
  void ended.then(() => stopping.signal.aborted || onCrash());

  async function stop() {
    stopping.abort();
    child.kill('SIGTERM');
    const force = setTimeout(kill, 2000);
    await ended;
    clearTimeout(force);
    await rm(pidFile, { force: true });
  }
  return { endpoint, pid, stop };
}
