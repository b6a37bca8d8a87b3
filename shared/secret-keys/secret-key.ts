/**
 * A secret key: what a customer's server proves itself with. Only its SHA-256 is stored, and it is looked up by that, so
 * neither the table nor the time a comparison takes tells anything of a key. Several can be active at once.
 */
import { config } from '../base/config.ts';
import type { SecretKeyId } from '../base/ids.ts';
import type { EpochMs } from '../base/time.ts';
import { getItem } from '../storage/read.ts';
import { SECRET_KEY_GRAMMAR, secretKeyHash } from './secret.ts';
import { secretKeyFrom } from './secret-key-record.ts';

/** What is known of a secret key besides its hash. */
export interface SecretKey {
  readonly id: SecretKeyId;
  /** Tells people what the key is for. */
  readonly name: string;
  readonly createdAt: EpochMs;
  readonly generation: number;
  readonly revokedAt: EpochMs | undefined;
}

/** `dead`: of another generation than the deployment's, as a restored backup has them. */
export type SecretKeyStatus = 'active' | 'revoked' | 'dead';

/** Only an active key is accepted. */
export function statusOf({ revokedAt, generation }: SecretKey): SecretKeyStatus {
  if (revokedAt !== undefined) return 'revoked';
  return generation === config.generation ? 'active' : 'dead';
}

/** The id of an active secret key of this instance, or undefined. Read anew for each request: a revoked key stops at once. */
export async function activeSecretKeyId(secretKey: string): Promise<SecretKeyId | undefined> {
  if (!SECRET_KEY_GRAMMAR.test(secretKey)) return undefined;
  const item = await getItem(config.tables.secretKeys, { hash: secretKeyHash(secretKey) });
  const key = item && secretKeyFrom(item);
  return key && statusOf(key) === 'active' ? key.id : undefined;
}
