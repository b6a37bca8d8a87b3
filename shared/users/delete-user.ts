import { randomUUID } from 'node:crypto';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import { isId, type UserId } from '../base/ids.ts';
import { logDropped } from '../base/log.ts';
import type { EpochMs } from '../base/time.ts';
import { revokeSessionsOfUser } from '../sessions/end-session.ts';
import type { SessionEnd } from '../sessions/session-record.ts';
import { writeAll } from '../storage/write.ts';
import { getUser } from './get-user.ts';
import type { User } from './user.ts';
import { externalIdGuardKey } from './user-record.ts';

function deletion({ id }: User): TransactWriteItem {
  return {
    Delete: { TableName: config.tables.users, Key: marshall({ id }), ConditionExpression: 'attribute_exists(id)' },
  };
}

/** Only the user's own claim on the external id goes: another user may have taken it since this one was read. */
function freedExternalId({ id, externalId }: User): readonly TransactWriteItem[] {
  if (externalId === null) return [];
  const Delete = {
    TableName: config.tables.users,
    Key: marshall(externalIdGuardKey(externalId)),
    ConditionExpression: 'user_id = :id',
    ExpressionAttributeValues: marshall({ ':id': id }),
  };
  return [{ Delete }];
}

/**
 * Deletes a user and frees their external id: once this has answered, no ticket signs anyone in as them and no session of
 * theirs gets another session token.
 *
 * @throws `resource_not_found`
 */
export async function deleteUser(id: string, by: SessionEnd['by'], now: EpochMs): Promise<UserId> {
  const user = isId('user', id) ? await getUser(id) : undefined;
  if (!user) throw new ApiError('resource_not_found');
  const outcome = await writeAll([deletion(user), ...freedExternalId(user)], randomUUID());
  if (!outcome.committed) throw new ApiError('resource_not_found');
  const end: SessionEnd = { status: 'revoked', cause: 'user_deleted', at: now, by };
  // The user is gone by now, whatever becomes of the tidying.
  await revokeSessionsOfUser(user.id, end).catch((error: unknown) => logDropped('sweep', error));
  return user.id;
}
