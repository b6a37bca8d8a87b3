import type { RevokingCall } from '../base/call.ts';
import { logDropped } from '../base/log.ts';
import { note } from '../base/metrics.ts';
import { type Block, blockIdsOf, EVERYBODY } from '../blocklist/block.ts';
import { type BlockIdentifier, blockIdentifier } from '../blocklist/block-identifier.ts';
import { activeSessionItems, revokeSessions } from '../sessions/end-session.ts';
import type { Session } from '../sessions/session.ts';
import type { SessionEnd } from '../sessions/session-record.ts';

/**
 * Blocks an actor, or everybody. When this has returned, no request that begins after it creates an actor token of theirs, signs them in,
 * or gets a session token for one of their sessions. A block that stands stays as it is, and their sessions are ended once more.
 *
 * @param onSweepFailed receives the failure when not all of their sessions could be marked as ended; the block is valid nevertheless
 * @throws `too_many_requests`, `service_unavailable`
 */
export async function blockActor(
  params: BlockIdentifier,
  call: RevokingCall,
  onSweepFailed = (error: unknown) => logDropped('sweep', error),
): Promise<Block> {
  const { instance, caller, now } = call;
  const block = await blockIdentifier(params, call);
  note({ actor_sub: block.identifier });
  const isEverybody = block.identifier === EVERYBODY;
  const cause = isEverybody ? 'instance_blocked' : 'actor_blocked';
  const end: SessionEnd = { status: 'revoked', cause, at: now, by: caller };
  const isBlocked = ({ actor, verified }: Session) => isEverybody || blockIdsOf(actor, verified).includes(block.id);
  // The block is committed, even if the sweep fails.
  await revokeSessions(activeSessionItems(call), isBlocked, end, instance).catch(onSweepFailed);
  return block;
}
