import type { Instance } from '../base/instance.ts';
import type { SecretKey } from './secret-key.ts';
import { scanSecretKeys, secretKeyFrom } from './secret-key-record.ts';

/** Every secret key that was ever created, newest first, without its hash. */
export async function listSecretKeys(instance: Instance): Promise<readonly SecretKey[]> {
  const keys = (await scanSecretKeys(instance)).map(secretKeyFrom);
  return keys.sort((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1));
}
