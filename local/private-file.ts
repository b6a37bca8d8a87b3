import { rename, rm, writeFile } from 'node:fs/promises';

/** Writes a file only its owner can read, by rename: a reader sees the old content or the new, never a part. */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  await rm(unfinished, { force: true });
  await writeFile(unfinished, content, { mode: 0o600, flag: 'wx' });
  await rename(unfinished, path);
}
