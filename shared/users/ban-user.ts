import { UpdateItemCommand, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import { isId } from '../base/ids.ts';
import { logDropped } from '../base/log.ts';
import type { EpochMs } from '../base/time.ts';
import { revokeSessionsOfUser } from '../sessions/end-session.ts';
import type { SessionEnd } from '../sessions/session-record.ts';
import { type Item, write } from '../storage/write.ts';
import { getUser } from './get-user.ts';
import type { User } from './user.ts';
import { userFrom } from './user-record.ts';

type Change = Pick<UpdateItemCommandInput, 'UpdateExpression' | 'ConditionExpression'> & {
  readonly values: Item;
  /** What it means that the condition does not hold. */
  readonly refusal: 'resource_not_found' | 'too_many_requests';
};

/** @throws `refusal` when the condition does not hold */
async function changeUser(id: string, { values, refusal, ...change }: Change): Promise<User> {
  if (!isId('user', id)) throw new ApiError('resource_not_found');
  const outcome = await write(
    new UpdateItemCommand({
      TableName: config.tables.users,
      Key: marshall({ id }),
      ...change,
      ExpressionAttributeValues: marshall(values),
      ReturnValues: 'ALL_NEW',
    }),
  );
  if (!outcome.committed) throw new ApiError(refusal);
  return userFrom(outcome.item);
}

/**
 * Bans a user: once this has answered, no ticket signs anyone in as them and no session of theirs gets another session token.
 *
 * @param onSweepFailed is told why not all of their sessions are marked as ended; the ban stands all the same
 * @throws `resource_not_found`
 */
export async function banUser(
  id: string,
  by: SessionEnd['by'],
  now: EpochMs,
  onSweepFailed = (error: unknown) => logDropped('sweep', error),
): Promise<User> {
  const user = await changeUser(id, {
    UpdateExpression: 'SET banned = :true, banned_at = :now, updated_at = :now',
    ConditionExpression: 'attribute_exists(id)',
    values: { ':true': true, ':now': now },
    refusal: 'resource_not_found',
  });
  const end: SessionEnd = { status: 'revoked', cause: 'user_banned', at: now, by };
  // The ban stands by now, whatever becomes of the tidying.
  await revokeSessionsOfUser(user.id, end).catch(onSweepFailed);
  return user;
}

/**
 * Lifts a ban. Sessions from before it stay over. Only the ban that was read is lifted: a copy of this write that is held up
 * in the network must not lift a later one.
 *
 * @throws `resource_not_found`, `too_many_requests` when the user was banned anew meanwhile
 */
export async function unbanUser(id: string, now: EpochMs): Promise<User> {
  const user = isId('user', id) ? await getUser(id) : undefined;
  if (!user) throw new ApiError('resource_not_found');
  if (!user.banned) return user;
  return changeUser(id, {
    UpdateExpression: 'SET banned = :false, unbanned_at = :now, updated_at = :now',
    ConditionExpression: 'banned_at = :ban',
    values: { ':false': false, ':now': now, ':ban': user.bannedAt },
    // Somebody banned or deleted the user since: whoever lifts the ban should look again.
    refusal: 'too_many_requests',
  });
}
