import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Writes a file that only its owner can read. The file is replaced by a rename, so that a reader sees the old content or the
 * new content, never a part of it.
 */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  await rm(unfinished, { force: true });
  await writeFile(unfinished, content, { mode: 0o600, flag: 'wx' });
  await rename(unfinished, path);
}
