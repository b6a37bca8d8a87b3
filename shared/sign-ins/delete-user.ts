import { randomUUID } from 'node:crypto';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { BackendCall } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { logDropped } from '../base/log.ts';
import { revokeSessionsOfUser } from '../sessions/end-session.ts';
import type { SessionEnd } from '../sessions/session-record.ts';
import { writeAll } from '../storage/write.ts';
import { requireUser } from '../users/read-users.ts';
import type { User } from '../users/user.ts';
import { lookupWrites } from '../users/user-lookups.ts';

/** Deletes the user as they were read, with all that is found beside them. */
function deletionOf(user: User, { tables }: Instance): TransactWriteItem {
  const Delete = {
    TableName: tables.users,
    Key: marshall({ id: user.id }),
    ConditionExpression: 'updated_at = :read',
    ExpressionAttributeValues: marshall({ ':read': user.updatedAt }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
  return { Delete };
}

/**
 * Deletes a user and frees their external id. When this has returned, no ticket signs anyone in as them, and none of their sessions
 * gets another session token.
 *
 * @throws `resource_not_found`; `too_many_requests` when the user was changed meanwhile
 */
export async function deleteUser(id: UserId, { instance, caller, now }: BackendCall): Promise<UserId> {
  const user = await requireUser(instance, id);
  const deletions = [deletionOf(user, instance), ...lookupWrites(user, undefined, instance)];
  const outcome = await writeAll(instance, deletions, randomUUID());
  if (!outcome.committed) throw new ApiError(outcome.failed[0]?.current ? 'too_many_requests' : 'resource_not_found');
  const end: SessionEnd = { status: 'revoked', cause: 'user_deleted', at: now, by: caller };
  // The deletion is committed, even if the sweep fails.
  await revokeSessionsOfUser(user.id, end, instance).catch((error: unknown) => logDropped('sweep', error));
  return user.id;
}
