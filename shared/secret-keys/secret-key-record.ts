import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { idSchema, type SecretKeyId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import type { EpochMs } from '../base/time.ts';
import { instant, recordFrom } from '../storage/attributes.ts';
import type { Item } from '../storage/item.ts';
import { getItem, scanTable } from '../storage/read.ts';
import { isSecretKey, type SecretKey, secretKeyHash, statusOf } from './secret-key.ts';

const record = v.object({
  id: idSchema('key'),
  name: v.string(),
  created_at: instant,
  generation: v.number(),
  revoked_at: v.optional(instant),
});

/** @throws `service_unavailable` when the item is not a secret key */
export function secretKeyFrom(item: Item): SecretKey {
  const stored = recordFrom(record, item);
  return {
    id: stored.id,
    name: stored.name,
    createdAt: stored.created_at,
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
    created_at: key.createdAt,
    generation: key.generation,
    revoked_at: key.revokedAt,
  };
  return marshall(item, { removeUndefinedValues: true });
}

/** The attributes that a revocation changes. */
export function revocationAttributes(now: EpochMs) {
  return { revoked_at: now };
}

/** The id of an active secret key of this instance, or undefined. Read for each request, so a revoked key is refused at once. */
export async function getActiveSecretKeyId(instance: Instance, secretKey: string): Promise<SecretKeyId | undefined> {
  if (!isSecretKey(secretKey)) return undefined;
  const item = await getItem(instance, instance.tables.secretKeys, { hash: secretKeyHash(secretKey) });
  const key = item && secretKeyFrom(item);
  return key && statusOf(key, instance.generation) === 'active' ? key.id : undefined;
}

/** The items of all secret keys. There are few of them, and only an operator needs them, so the table is scanned. */
export async function scanSecretKeys(instance: Instance): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const item of scanTable(instance, instance.tables.secretKeys)) items.push(item);
  return items;
}
