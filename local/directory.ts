import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { instanceFileIn } from '../cdk/commands/instance-file.ts';
import { Refusal } from './refusal.ts';
import { isAlive, startOf } from './system-process.ts';

/** Where everything the local run keeps lies. Nothing outside these paths is ever written or deleted. */
export interface Directory {
  readonly path: string;
  /** The running instance, for tests and tools; there only while the API answers. */
  readonly instance: string;
  readonly runnerPid: string;
  readonly engine: string;
  readonly database: string;
  readonly keys: string;
  readonly secretKey: string;
  readonly seed: string;
  readonly clock: string;
  readonly functionsLog: string;
  readonly assembly: string;
  readonly compileCache: string;
}

/** The paths inside a directory; creates nothing. */
export function directoryAt(path: string): Directory {
  return {
    path,
    instance: instanceFileIn(path),
    runnerPid: join(path, 'runner.pid'),
    engine: join(path, 'engine.pid'),
    database: join(path, 'dynamodb.sqlite'),
    keys: join(path, 'keys'),
    secretKey: join(path, 'secret-key'),
    seed: join(path, 'seed.json'),
    clock: join(path, 'clock.json'),
    functionsLog: join(path, 'functions.log'),
    assembly: join(path, 'cdk.out'),
    compileCache: join(path, 'compile-cache'),
  };
}

/**
 * Makes the directory this process's own until the returned function is called.
 * @throws Refusal while another live process holds it; a claim left by a killed process is taken over.
 */
export async function claimDirectory(directory: Directory): Promise<() => Promise<void>> {
  await mkdir(directory.path, { recursive: true, mode: 0o700 });
  const claim = `${process.pid} ${startOf(process.pid)}\n`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await writeFile(directory.runnerPid, claim, { flag: 'wx', mode: 0o600 });
      return () => rm(directory.runnerPid, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = await readFile(directory.runnerPid, 'utf8').catch(() => '');
    const [pid = '', start = ''] = holder.trim().split(' ');
    if (isAlive(Number(pid)) && startOf(Number(pid)) === start)
      throw new Refusal(
        `Another local run (process ${pid}) already uses ${directory.path}: stop it, or choose another directory with LOCAL_DIR=.local-2.`,
      );
    await rm(directory.runnerPid, { force: true });
  }
  throw new Refusal(`${directory.path} is being claimed by several local runs at once: start again.`);
}

/** Deletes what earlier runs stored. The name of each file is known, so a wrong LOCAL_DIR cannot cost anyone their home. */
export async function emptyDirectory(directory: Directory): Promise<void> {
  const { database, keys, secretKey, seed, clock, functionsLog, instance, compileCache } = directory;
  const stored = [database, `${database}-wal`, `${database}-shm`, `${database}-journal`, keys, secretKey, seed, clock];
  for (const path of [...stored, functionsLog, instance, compileCache])
    await rm(path, { recursive: true, force: true });
}
