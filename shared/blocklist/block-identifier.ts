import type { RevokingCall } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { epochMs } from '../base/time.ts';
import { writeChange } from '../storage/update.ts';
import { type Block, blockIdOf, isStanding } from './block.ts';
import { BLOCK_KIND, blockFrom } from './block-record.ts';

export interface BlockIdentifier {
  readonly identifier: string;
  readonly reason: string | undefined;
}

const ATTEMPTS = 5;

/**
 * Blocks an identifier. A block that stands is returned as it is; but the command makes a server's block its own, so that no server lifts
 * it. A copy of the write that arrives late changes nothing: a block begins after the one before was lifted, or after the server's.
 *
 * @throws `too_many_requests` when others keep blocking and lifting; `service_unavailable`
 */
export async function blockIdentifier(
  { identifier, reason }: BlockIdentifier,
  { instance, caller, now }: RevokingCall,
): Promise<Block> {
  const blockedBy = caller.secretKeyId ?? 'command';
  const isEnough = (block: Block) => isStanding(block) && (blockedBy !== 'command' || block.blockedBy === 'command');
  let blockedAt = now;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const isLifted = '(lifted_at >= blocked_at AND lifted_at < :blocked_at)';
    const isOfServer = '(:blocked_by = :command AND blocked_by <> :command AND blocked_at < :blocked_at)';
    const outcome = await writeChange(instance, {
      table: instance.tables.blocklist,
      key: { id: blockIdOf(identifier) },
      set: {
        kind: BLOCK_KIND,
        identifier,
        reason: reason ?? null,
        blocked_at: blockedAt,
        blocked_by: blockedBy,
      },
      condition: `attribute_not_exists(id) OR ${isLifted} OR ${isOfServer}`,
      values: { command: 'command' },
    });
    if (outcome.committed) return blockFrom(outcome.item);
    const current = outcome.current && blockFrom(outcome.current);
    if (current && isEnough(current)) return current;
    // The clock of another host can be ahead.
    if (current) blockedAt = epochMs(Math.max(current.blockedAt, current.liftedAt ?? current.blockedAt) + 1);
  }
  throw new ApiError('too_many_requests');
}
