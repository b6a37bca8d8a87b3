import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { config } from '../config.ts';
import { ApiError } from '../errors.ts';
import { isId } from '../ids.ts';
import { revokeSessionsOfUser } from '../sessions/end-session.ts';
import type { SessionEnd } from '../sessions/session-record.ts';
import { write } from '../storage/write.ts';
import type { EpochMs } from '../time.ts';
import type { User } from './user.ts';
import { userFrom } from './user-record.ts';

async function setBanned(id: string, banned: boolean, now: EpochMs): Promise<User> {
  if (!isId('user', id)) throw new ApiError('resource_not_found');
  const outcome = await write(
    new UpdateItemCommand({
      TableName: config.tables.users,
      Key: marshall({ id }),
      UpdateExpression: 'SET banned = :banned, updated_at = :now',
      ConditionExpression: 'attribute_exists(id)',
      ExpressionAttributeValues: marshall({ ':banned': banned, ':now': now }),
      ReturnValues: 'ALL_NEW',
    }),
  );
  if (!outcome.committed) throw new ApiError('resource_not_found');
  return userFrom(outcome.item);
}

/**
 * Bans a user: once this has answered, no ticket signs anyone in as them and no session of theirs gets another session token.
 *
 * @throws `resource_not_found`
 */
export async function banUser(id: string, by: SessionEnd['by'], now: EpochMs): Promise<User> {
  const user = await setBanned(id, true, now);
  const end: SessionEnd = { status: 'revoked', cause: 'user_banned', at: now, by };
  // The ban stands by now, whatever becomes of the tidying.
  await Promise.allSettled([revokeSessionsOfUser(user.id, end)]);
  return user;
}

/** Lifts a ban. Sessions it ended stay ended. @throws `resource_not_found` */
export async function unbanUser(id: string, now: EpochMs): Promise<User> {
  return setBanned(id, false, now);
}
