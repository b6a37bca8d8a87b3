import type { Call, RevokingCall } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import { logDropped } from '../base/log.ts';
import { note } from '../base/metrics.ts';
import { epochMs } from '../base/time.ts';
import { revokeSessionsOfUser } from '../sessions/end-session.ts';
import type { SessionEnd } from '../sessions/session-record.ts';
import { type Change, writeChange } from '../storage/update.ts';
import { requireUser } from '../users/read-users.ts';
import type { User } from '../users/user.ts';
import { banAttributes, unbanAttributes, userFrom } from '../users/user-record.ts';

const ATTEMPTS = 5;

/**
 * Returns the changed user, or undefined when the condition did not hold. Each change raises `updated_at`, by which other changes see it.
 *
 * @throws `too_many_requests` when others keep changing the user
 */
async function changeUser(
  { instance, now }: Call,
  id: UserId,
  { set, condition, values = {} }: Pick<Change, 'set' | 'values'> & Partial<Pick<Change, 'condition'>>,
): Promise<User | undefined> {
  const also = condition === undefined ? '' : ` AND ${condition}`;
  let updatedAt = now;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const outcome = await writeChange(instance, {
      table: instance.tables.users,
      key: { id },
      set: { ...set, updated_at: updatedAt },
      // A user who does not exist has no `updated_at`.
      condition: `updated_at < :updated_at${also}`,
      values,
    });
    if (outcome.committed) {
      const user = userFrom(outcome.item);
      note({ user_id: user.id });
      return user;
    }
    const current = outcome.current && userFrom(outcome.current);
    if (!current || current.updatedAt < updatedAt) return undefined;
    updatedAt = epochMs(current.updatedAt + 1);
  }
  throw new ApiError('too_many_requests');
}

/**
 * Bans a user. When this has returned, no ticket signs anyone in as them, and none of their sessions gets another session token.
 *
 * @param onSweepFailed receives the failure when not all of their sessions could be marked as ended; the ban is valid nevertheless
 * @throws `resource_not_found`
 */
export async function banUser(
  id: UserId,
  call: RevokingCall,
  onSweepFailed = (error: unknown) => logDropped('sweep', error),
): Promise<User> {
  const { instance, caller, now } = call;
  const user = await changeUser(call, id, { set: banAttributes(now) });
  if (!user) throw new ApiError('resource_not_found');
  const end: SessionEnd = { status: 'revoked', cause: 'user_banned', at: now, by: caller };
  // The ban is committed, even if the sweep fails.
  await revokeSessionsOfUser(user.id, end, instance).catch(onSweepFailed);
  return user;
}

/**
 * Lifts a ban. Sessions that started before stay ended, and tickets from before stay refused. Only the ban that was read is lifted: the
 * SDK can send a write twice, and a copy that arrives late must not lift a later ban.
 *
 * @throws `resource_not_found`; `too_many_requests` when the user was banned again or deleted meanwhile
 */
export async function unbanUser(id: UserId, call: Call): Promise<User> {
  const user = await requireUser(call.instance, id);
  if (!user.banned) return user;
  const unbannedAt = epochMs(Math.max(call.now, user.bannedAt ?? call.now));
  const unbanned = await changeUser(call, id, {
    set: unbanAttributes(unbannedAt),
    // A user who was banned in the table itself has no time of it.
    ...(user.bannedAt === undefined
      ? { condition: 'attribute_not_exists(banned_at)' }
      : { condition: 'banned_at = :ban', values: { ban: user.bannedAt } }),
  });
  if (!unbanned) throw new ApiError('too_many_requests');
  return unbanned;
}
