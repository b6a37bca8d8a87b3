import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const run = promisify(execFile);

/** A file of this folder. */
export function fileHere(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/**
 * The Python of a virtual environment in `.local` that has what a requirements file of this folder lists. It stays for the next
 * run as long as that file does not change.
 * @throws Error in one sentence without Python 3
 */
export async function pythonWith(requirementsFile: string, name: string): Promise<string> {
  const environment = fileURLToPath(new URL(`../../.local/${name}`, import.meta.url));
  const python = join(environment, 'bin/python');
  const requirements = await readFile(fileHere(requirementsFile), 'utf8');
  const installed = join(environment, 'requirements.txt');
  if ((await readFile(installed, 'utf8').catch(() => '')) === requirements) return python;
  console.log(`Installing ${name} from PyPI into .local/${name}: once, a few minutes …`);
  await rm(environment, { recursive: true, force: true });
  await mkdir(environment, { recursive: true });
  await run('python3', ['-m', 'venv', environment]).catch(() => {
    throw new Error('test:deploy needs Python 3 with venv: install it (Debian: apt-get install python3-venv).');
  });
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', '--no-deps'];
  await run(python, [...install, '-r', fileHere(requirementsFile)]);
  await writeFile(installed, requirements);
  return python;
}
