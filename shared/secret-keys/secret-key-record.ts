import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { isId, type SecretKeyId } from '../base/ids.ts';
import { epochMs } from '../base/time.ts';
import type { Item } from '../storage/write.ts';
import type { SecretKey } from './secret-key.ts';

const record = v.object({
  id: v.custom<SecretKeyId>((id) => isId('key', id)),
  name: v.string(),
  created_at: v.number(),
  generation: v.number(),
  revoked_at: v.optional(v.number()),
});

/** @throws when the stored item is not a secret key */
export function secretKeyFrom(item: Item): SecretKey {
  const stored = v.parse(record, item);
  return {
    id: stored.id,
    name: stored.name,
    createdAt: epochMs(stored.created_at),
    generation: stored.generation,
    revokedAt: stored.revoked_at === undefined ? undefined : epochMs(stored.revoked_at),
  };
}

/** What is stored of a secret key, under its hash; the key itself is nowhere in it. */
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
