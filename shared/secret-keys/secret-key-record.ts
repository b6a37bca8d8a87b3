import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { idSchema } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import type { EpochMs } from '../base/time.ts';
import { instant, recordFrom } from '../storage/attributes.ts';
import type { Item } from '../storage/item.ts';
import { getItem, scanTable } from '../storage/read.ts';
import { isSecretKey, type SecretKey, secretKeyHash, secretKeyScopes } from './secret-key.ts';

const record = v.object({
  id: idSchema('key'),
  name: v.string(),
  /** Keys of versions without scopes have no such attribute, and may do everything. */
  scopes: v.optional(v.array(v.picklist(secretKeyScopes)), [...secretKeyScopes]),
  created_at: instant,
  expires_at: v.optional(instant),
  generation: v.number(),
  revoked_at: v.optional(instant),
});

/** @throws `service_unavailable` when the item is not a secret key */
export function secretKeyFrom(item: Item): SecretKey {
  const stored = recordFrom(record, item);
  return {
    id: stored.id,
    name: stored.name,
    scopes: stored.scopes,
    createdAt: stored.created_at,
    expiresAt: stored.expires_at,
    generation: stored.generation,
    revokedAt: stored.revoked_at,
  };
}

/** The item of a secret key, under its hash. The key itself is not in it. */
export function secretKeyItem(hash: string, key: SecretKey) {
  const item = {
    hash,
    id: key.id,
    name: key.name,
    scopes: key.scopes,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    generation: key.generation,
    revoked_at: key.revokedAt,
  };
  return marshall(item, { removeUndefinedValues: true });
}

/** The attributes that a revocation changes. */
export function revocationAttributes(now: EpochMs) {
  return { revoked_at: now };
}

/**
 * The stored secret key with this plaintext, whatever its status; undefined when there is none. Read consistently for each request, so a
 * revoked key is refused at once.
 */
export async function findSecretKey(instance: Instance, secretKey: string): Promise<SecretKey | undefined> {
  if (!isSecretKey(secretKey)) return undefined;
  const item = await getItem(instance, instance.tables.secretKeys, { hash: secretKeyHash(secretKey) });
  return item && secretKeyFrom(item);
}

/** The items of all secret keys. There are few of them, and only an administrator needs them, so the table is scanned. */
export async function scanSecretKeys(instance: Instance): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const item of scanTable(instance, instance.tables.secretKeys)) items.push(item);
  return items;
}
