// The product as `npm start` runs it, in processes of its own, which can be killed and started again on the same directory.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { instanceFileIn, isRunning } from '../../cdk/commands/instance-file.ts';
import { project } from '../../cdk/project.ts';
import type { LocalInstance } from '../../local/instance.ts';
import type { ProcessName } from './memory.ts';

const START_WITHIN_MS = 120_000;
/** A runtime whose engine was killed says so and ends: at once, or two seconds later by force. */
const END_WITHIN_MS = 10_000;

/** A running product. */
export interface Product {
  readonly instance: LocalInstance;
  readonly pids: Readonly<Record<ProcessName, number>>;
  /** Sends SIGKILL to these processes. Resolves when the runtime is gone; the engine may still run, as after a crash. */
  kill(names: readonly ProcessName[]): Promise<void>;
  /** Ends both processes as Ctrl-C does. */
  stop(): Promise<void>;
}

/** The directory and the port of the product, which stay the same from start to start. */
export interface Place {
  readonly dir: string;
  readonly port: number;
}

async function ended(child: ChildProcess, withinMs: number): Promise<void> {
  const signal = AbortSignal.timeout(withinMs);
  while (child.exitCode === null && child.signalCode === null) {
    if (signal.aborted) throw new Error(`The runtime, process ${child.pid}, does not end.`);
    await sleep(20);
  }
}

async function readInstance(dir: string): Promise<LocalInstance | undefined> {
  const text = await readFile(instanceFileIn(dir), 'utf8').catch(() => '');
  return text === '' ? undefined : JSON.parse(text);
}

/**
 * V8 lets the young heap of each execution environment grow to 48 MB, for which each needs hundreds of requests. Small ones have their
 * size within seconds, so that growth after that is growth of what the product keeps.
 */
const SMALL_HEAPS = '--max-semi-space-size=2';

function spawnRuntime({ dir, port }: Place): ChildProcess {
  const log = openSync(join(dir, 'start.log'), 'a', 0o600);
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../local/start.mjs', import.meta.url))], {
    cwd: project,
    env: {
      ...process.env,
      LOCAL_DIR: dir,
      PORT: String(port),
      DYNAMODB_ENDPOINT: '',
      SIGN_IN_URL: 'none',
      NODE_OPTIONS: SMALL_HEAPS,
    },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const endWithThis = () => void child.kill('SIGTERM');
  process.once('exit', endWithThis);
  child.once('exit', () => process.off('exit', endWithThis));
  return child;
}

/** Starts the product, and sends SIGKILL to it so many milliseconds later, whether it answers by then or not. */
export async function killWhileStarting(place: Place, afterMs: number): Promise<void> {
  const child = spawnRuntime(place);
  await sleep(afterMs);
  child.kill('SIGKILL');
  await ended(child, END_WITHIN_MS);
}

/** Starts the product in a directory, and resolves once it answers. @throws Error when it does not start */
export async function startProduct(place: Place): Promise<Product> {
  const { dir } = place;
  const child = spawnRuntime(place);
  const signal = AbortSignal.timeout(START_WITHIN_MS);
  let instance: LocalInstance | undefined;
  while (!instance || !(await isRunning(instance.baseUrl))) {
    if (child.exitCode !== null || signal.aborted)
      throw new Error(`The product does not start again: see ${join(dir, 'start.log')}.`);
    await sleep(50);
    instance = await readInstance(dir);
  }
  const pids = { runtime: child.pid ?? 0, engine: Number(await readFile(join(dir, 'engine.pid'), 'utf8')) };
  return {
    instance,
    pids,
    kill: async (names) => {
      for (const name of names) process.kill(pids[name], 'SIGKILL');
      await ended(child, END_WITHIN_MS);
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended(child, END_WITHIN_MS);
    },
  };
}
