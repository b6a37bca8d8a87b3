import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scripts } from '../../examples/react/serve.ts';

/** The scripts in the folder of a package, by the paths at which an app serves them. */
export async function servedScripts(dist: string, path: string): Promise<Scripts> {
  const files = (await readdir(dist)).filter((file) => file.endsWith('.js'));
  const read = async (file: string) => [`${path}/${file}`, await readFile(join(dist, file))] as const;
  return new Map(await Promise.all(files.map(read)));
}
