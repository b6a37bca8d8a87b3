import type { SecretKey } from './secret-key.ts';
import { secretKeyFrom } from './secret-key-record.ts';
import { storedSecretKeys } from './stored-secret-keys.ts';

/** Every secret key there ever was, newest first; never a hash. */
export async function listSecretKeys(): Promise<readonly SecretKey[]> {
  const keys = (await storedSecretKeys()).map(secretKeyFrom);
  return keys.sort((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1));
}
