import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { type EpochMs, epochMs } from '../base/time.ts';
import { pauseAfter } from '../storage/dynamodb.ts';
import { writeAll } from '../storage/write.ts';
import { requireUser } from './read-users.ts';
import type { User } from './user.ts';
import { lookupWrites } from './user-lookups.ts';
import { userItem } from './user-record.ts';

/** Makes a user of the present one, at a time. It may run several times. */
export type UserChange = (user: User, now: EpochMs) => User;

const ATTEMPTS = 5;

/** Every change of a user raises `updated_at`, so a user with the same one is the user that was read. */
function replacement(changed: User, read: User, { tables }: Instance): TransactWriteItem {
  const Put = {
    TableName: tables.users,
    Item: userItem(changed),
    ConditionExpression: 'updated_at = :read',
    ExpressionAttributeValues: marshall({ ':read': read.updatedAt }),
  };
  return { Put };
}

/**
 * Changes a user. A change that was made meanwhile is kept: then this one is made of the result. `updated_at` strictly increases.
 *
 * @throws `resource_not_found`; `form_identifier_exists` (`external_id`); `too_many_requests` when others keep changing the user; what
 * the change throws
 */
export async function updateUser(id: UserId, change: UserChange, { instance, now }: Call): Promise<User> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const read = await requireUser(instance, id);
    const changed: User = { ...change(read, now), updatedAt: epochMs(Math.max(now, read.updatedAt + 1)) };
    const writes = [replacement(changed, read, instance), ...lookupWrites(read, changed, instance)];
    const outcome = await writeAll(instance, writes, randomUUID());
    if (outcome.committed) return changed;
    const isAsRead = outcome.failed[0] === undefined;
    if (isAsRead) throw new ApiError({ code: 'form_identifier_exists', meta: { param_name: 'external_id' } });
    await delay(pauseAfter(attempt));
  }
  throw new ApiError('too_many_requests');
}
