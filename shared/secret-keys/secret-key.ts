/**
 * A secret key: what a customer's server proves itself with. Only its SHA-256 is stored, and it is looked up by that, so
 * neither the table nor the time a comparison takes tells anything of a key. Several can be active at once.
 */
import * as v from 'valibot';
import { config } from '../config.ts';
import { isId, type SecretKeyId } from '../ids.ts';
import { getItem } from '../storage/read.ts';
import { SECRET_KEY_GRAMMAR, secretKeyHash } from './secret.ts';

const record = v.object({
  id: v.custom<SecretKeyId>((id) => isId('key', id)),
  generation: v.number(),
  revoked_at: v.optional(v.number()),
});

/** The id of an active secret key of this instance, or undefined. Read anew for each request: a revoked key stops at once. */
export async function activeSecretKeyId(secretKey: string): Promise<SecretKeyId | undefined> {
  if (!SECRET_KEY_GRAMMAR.test(secretKey)) return undefined;
  const item = await getItem(config.tables.secretKeys, { hash: secretKeyHash(secretKey) });
  const stored = item && v.parse(record, item);
  return stored?.generation === config.generation && stored.revoked_at === undefined ? stored.id : undefined;
}
