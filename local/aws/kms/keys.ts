import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kmsKeyArn } from '../account.ts';
import { writePrivateFile } from '../private-file.ts';

/** An RSA_2048 key for SIGN_VERIFY. */
export interface LocalKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  enabled: boolean;
}

/** Returns the path of the file that contains a key. */
export function keyFile(directory: string, keyId: string): string {
  return join(directory, `${keyId}.pem`);
}

async function openKey(directory: string, id: string): Promise<LocalKey> {
  const path = keyFile(directory, id);
  const stored = await readFile(path, 'utf8').catch(() => undefined);
  if (stored !== undefined) return { id, privateKey: createPrivateKey(stored), enabled: true };
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  await writePrivateFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return { id, privateKey, enabled: true };
}

/** Reads the keys from their files, and generates those that have none. Returns them by their id and by their ARN. */
export async function openKeys(directory: string, keyIds: readonly string[]): Promise<ReadonlyMap<string, LocalKey>> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const keys = await Promise.all(keyIds.map((id) => openKey(directory, id)));
  return new Map(keys.flatMap((key) => [[key.id, key] as const, [kmsKeyArn(key.id), key] as const]));
}
