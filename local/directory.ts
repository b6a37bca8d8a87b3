import { rmSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { instanceFileIn } from '../cdk/commands/instance-file.ts';
import { endLeftOverEngine } from './aws/dynamodb/engine.ts';
import { StartError } from './aws/start-error.ts';
import { isAlive, startOf } from './aws/system-process.ts';

/** The paths of everything that a local run stores. It writes and deletes nothing outside of them. */
export interface Directory {
  readonly path: string;
  /** Describes the running instance to tests and tools; exists only while the API answers. */
  readonly instance: string;
  /** The process that uses the directory. */
  readonly runnerPid: string;
  /** The process of the embedded engine. */
  readonly pidFile: string;
  readonly database: string;
  readonly keys: string;
  readonly secretKey: string;
  readonly seed: string;
  readonly clock: string;
  /** The objects of the local S3. */
  readonly objects: string;
  /** The places up to which the streams of the tables were delivered. */
  readonly streams: string;
  readonly logFile: string;
  readonly assembly: string;
  readonly compileCache: string;
}

/** Returns the paths in a directory. */
export function directoryAt(path: string): Directory {
  return {
    path,
    instance: instanceFileIn(path),
    runnerPid: join(path, 'runner.pid'),
    pidFile: join(path, 'engine.pid'),
    database: join(path, 'dynamodb.sqlite'),
    keys: join(path, 'keys'),
    secretKey: join(path, 'secret-key'),
    seed: join(path, 'seed.json'),
    clock: join(path, 'clock.json'),
    objects: join(path, 's3'),
    streams: join(path, 'streams.json'),
    logFile: join(path, 'functions.log'),
    assembly: join(path, 'cdk.out'),
    compileCache: join(path, 'compile-cache'),
  };
}

async function claim({ path, runnerPid }: Directory): Promise<void> {
  const content = `${process.pid} ${startOf(process.pid)}\n`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      return await writeFile(runnerPid, content, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = await readFile(runnerPid, 'utf8').catch(() => '');
    const [pid = '', start = ''] = holder.trim().split(' ');
    if (isAlive(Number(pid)) && startOf(Number(pid)) === start)
      throw new StartError(
        `Another local run (process ${pid}) already uses ${path}: stop it, or choose another directory with LOCAL_DIR=.local-2.`,
      );
    await rm(runnerPid, { force: true });
  }
  throw new StartError(`Several local runs try to use ${path} at the same time: start again.`);
}

async function createDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST' && error.code !== 'ENOTDIR') throw error;
    throw new StartError(`${path} is not a directory: choose one with LOCAL_DIR, such as LOCAL_DIR=.local-2.`);
  });
}

/** Claims a directory until the returned function is called, and deletes the instance file that a killed run left behind. */
async function claimDirectory(directory: Directory): Promise<() => Promise<void>> {
  await createDirectory(directory.path);
  await claim(directory);
  await rm(directory.instance, { force: true });
  const removeInstance = () => rmSync(directory.instance, { force: true });
  process.once('exit', removeInstance);
  return async () => {
    process.off('exit', removeInstance);
    for (const path of [directory.instance, directory.runnerPid]) await rm(path, { force: true });
  };
}

/** Deletes what earlier runs stored. It deletes only files that a local run writes, so a wrong LOCAL_DIR loses nothing else. */
async function emptyDirectory(directory: Directory): Promise<void> {
  const { database, keys, secretKey, seed, clock, objects, streams, logFile, compileCache } = directory;
  const stored = [
    database,
    `${database}-wal`,
    `${database}-shm`,
    `${database}-journal`,
    keys,
    secretKey,
    seed,
    clock,
    objects,
    streams,
  ];
  for (const path of [...stored, logFile, compileCache]) await rm(path, { recursive: true, force: true });
}

/**
 * Claims a directory for this process until the resources are disposed, and ends the engine that a killed run left behind. The
 * claim of a killed process is taken over. A fresh directory loses what earlier runs stored.
 *
 * @throws StartError while another process uses the directory, and when the path is that of a file
 */
export async function openDirectory(
  { dir, fresh = false }: { readonly dir: string; readonly fresh?: boolean | undefined },
  resources: AsyncDisposableStack,
): Promise<Directory> {
  const directory = directoryAt(resolve(dir));
  resources.defer(await claimDirectory(directory));
  await endLeftOverEngine(directory);
  if (fresh) await emptyDirectory(directory);
  return directory;
}
