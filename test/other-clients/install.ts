import { execFile } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Installs the locked packages of a folder that has a package.json of its own, unless this lockfile was installed before. */
export async function install(folder: string): Promise<void> {
  const lockfile = join(folder, 'package-lock.json');
  const installed = join(folder, 'node_modules', '.installed-lock.json');
  const before = await readFile(installed, 'utf8').catch(() => undefined);
  if (before === (await readFile(lockfile, 'utf8'))) return;
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  await copyFile(lockfile, installed);
}
