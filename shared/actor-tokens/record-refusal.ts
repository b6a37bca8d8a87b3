import type { BrowserCall } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { epochMs } from '../base/time.ts';
import { writeChange } from '../storage/update.ts';
import type { ActorToken } from './actor-token.ts';
import { type RecordedRefusal, refusedRedemption } from './actor-token-record.ts';

const ATTEMPTS = 5;

/**
 * Records that the ticket of a pending token was refused. The record states the latest refusal, and the log has an event for each. So the
 * refusals of one ticket get times that differ and only grow, whatever the order in which they are written.
 *
 * @throws `too_many_requests` when others keep being recorded; as `writeChange`
 */
export async function recordRefusal(token: ActorToken, refusal: RecordedRefusal, call: BrowserCall): Promise<void> {
  let at = call.now;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const change = refusedRedemption(token, { ...refusal, at }, call);
    const outcome = await writeChange(call.instance, change);
    if (outcome.committed || outcome.current?.status !== 'pending') return;
    const { current } = outcome;
    // The SDK repeats an update whose answer was lost. The repetition then finds this same refusal.
    if (Object.entries(change.set).every(([name, value]) => current[name] === value)) return;
    at = epochMs(Number(current.refused_at) + 1);
  }
  throw new ApiError('too_many_requests');
}
