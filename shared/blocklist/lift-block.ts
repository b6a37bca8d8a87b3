import type { RevokingCall } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import type { BlockId } from '../base/ids.ts';
import { note } from '../base/metrics.ts';
import { epochMs } from '../base/time.ts';
import { getItem } from '../storage/read.ts';
import { writeChange } from '../storage/update.ts';
import { isStanding } from './block.ts';
import { blockFrom } from './block-record.ts';

/**
 * Lifts a block. What was created before stays dead. Only the block that was read is lifted: a copy of the write that arrives late must
 * not lift a later one.
 *
 * @throws `resource_not_found` when no such block stands; `not_allowed_access` for a block of the command that another caller lifts;
 * `too_many_requests` when it was lifted and made again meanwhile; `service_unavailable`
 */
export async function liftBlock(id: BlockId, { instance, caller, now }: RevokingCall): Promise<void> {
  const item = await getItem(instance, instance.tables.blocklist, { id });
  const block = item && blockFrom(item);
  if (!block || !isStanding(block)) throw new ApiError('resource_not_found');
  note({ actor_sub: block.identifier });
  const liftedBy = caller.secretKeyId ?? 'command';
  if (block.blockedBy === 'command' && liftedBy !== 'command') {
    const sentence = 'This block was made by the command impersonate. Lift it with the same command: unblock.';
    throw new ApiError({ code: 'not_allowed_access', meta: { kind: 'command_only' }, sentence });
  }
  const liftedAt = epochMs(Math.max(now, block.blockedAt));
  const isAsRead = 'blocked_at = :seen AND (attribute_not_exists(lifted_at) OR lifted_at < blocked_at)';
  const outcome = await writeChange(instance, {
    table: instance.tables.blocklist,
    key: { id },
    set: { lifted_at: liftedAt, lifted_by: liftedBy },
    condition: isAsRead,
    values: { seen: block.blockedAt },
  });
  // The SDK repeats an update whose answer was lost. The repetition then finds the block lifted.
  const isLifted = outcome.committed || (outcome.current && !isStanding(blockFrom(outcome.current)));
  if (!isLifted) throw new ApiError('too_many_requests');
}
