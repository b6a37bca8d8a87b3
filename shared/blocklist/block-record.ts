import * as v from 'valibot';
import { type BlockId, idSchema } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import type { EpochMs } from '../base/time.ts';
import { instant, recordFrom } from '../storage/attributes.ts';
import type { Item } from '../storage/item.ts';
import type { ItemKey, ReadItems } from '../storage/read.ts';
import { type Block, blockIdOf, EVERYBODY, isBlockedSince } from './block.ts';

/** The partition of the index `byBlocked`, which holds every block. */
export const BLOCK_KIND = 'blocked';

const record = v.object({
  id: idSchema('blid'),
  identifier: v.string(),
  reason: v.nullish(v.string()),
  blocked_at: instant,
  lifted_at: v.optional(instant),
  blocked_by: v.union([idSchema('key'), v.literal('command')]),
});

/** @throws `service_unavailable` when the item is not a block */
export function blockFrom(item: Item): Block {
  const stored = recordFrom(record, item);
  return {
    id: stored.id,
    identifier: stored.identifier,
    reason: stored.reason ?? undefined,
    blockedAt: stored.blocked_at,
    liftedAt: stored.lifted_at,
    blockedBy: stored.blocked_by,
  };
}

/** The key of the block of an identifier. */
function blockKey(id: BlockId, { tables }: Instance): ItemKey {
  return { table: tables.blocklist, id };
}

/** The keys of the blocks that concern these actors, and of the block of everybody. */
export function blockKeysOf(ids: readonly BlockId[], instance: Instance): readonly ItemKey[] {
  return [blockIdOf(EVERYBODY), ...ids].map((id) => blockKey(id, instance));
}

/**
 * Why nothing that was created at this time may be used by an actor with these blocks; undefined when it may.
 *
 * @param itemOf has read `blockKeysOf(ids)`
 * @throws `service_unavailable` when a block cannot be read
 */
export function whyBlocked(
  itemOf: ReadItems,
  { ids, createdAt }: { readonly ids: readonly BlockId[]; readonly createdAt: EpochMs },
  instance: Instance,
): 'actor_blocked' | 'instance_blocked' | undefined {
  const stands = (id: BlockId) => {
    const item = itemOf(blockKey(id, instance));
    return item !== undefined && isBlockedSince(blockFrom(item), createdAt);
  };
  if (stands(blockIdOf(EVERYBODY))) return 'instance_blocked';
  return ids.some(stands) ? 'actor_blocked' : undefined;
}
