import { randomUUID } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import { config } from '../config.ts';
import { ApiError } from '../errors.ts';
import { isId, type UserId } from '../ids.ts';
import { revokeSessionsOfUser } from '../sessions/end-session.ts';
import type { SessionEnd } from '../sessions/session-record.ts';
import { writeAll } from '../storage/write.ts';
import type { EpochMs } from '../time.ts';
import { externalIdGuardKey, getUser } from './user-record.ts';

/**
 * Deletes a user and frees their external id: once this has answered, no ticket signs anyone in as them and no session of
 * theirs gets another session token.
 *
 * @throws `resource_not_found`
 */
export async function deleteUser(id: string, by: SessionEnd['by'], now: EpochMs): Promise<UserId> {
  const user = isId('user', id) ? await getUser(id) : undefined;
  if (!user) throw new ApiError('resource_not_found');
  const table = { TableName: config.tables.users };
  const keys = [{ id: user.id }, ...(user.externalId === null ? [] : [externalIdGuardKey(user.externalId)])];
  await writeAll(
    keys.map((key) => ({ Delete: { ...table, Key: marshall(key) } })),
    randomUUID(),
  );
  const end: SessionEnd = { status: 'revoked', cause: 'user_deleted', at: now, by };
  // The user is gone by now, whatever becomes of the tidying.
  await Promise.allSettled([revokeSessionsOfUser(user.id, end)]);
  return user.id;
}
