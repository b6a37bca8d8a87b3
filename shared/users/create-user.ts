import { randomUUID } from 'node:crypto';
import type { Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { newId, type UserId } from '../base/ids.ts';
import { note } from '../base/metrics.ts';
import type { EpochMs } from '../base/time.ts';
import { writeAll } from '../storage/write.ts';
import type { User } from './user.ts';
import { lookupWrites } from './user-lookups.ts';
import { userItem } from './user-record.ts';

export interface CreateUser
  extends Omit<
    User,
    'id' | 'emailAddresses' | 'phoneNumbers' | 'mfaEnabledAt' | 'bannedAt' | 'unbannedAt' | 'createdAt' | 'updatedAt'
  > {
  /** The id that the user has already; undefined for a new one. */
  readonly id: UserId | undefined;
  readonly emailAddresses: readonly string[];
  readonly phoneNumbers: readonly string[];
  /** The time at which the user signed up; undefined for now. */
  readonly createdAt: EpochMs | undefined;
}

/**
 * Creates a user. An id and an external id belong to at most one user, under any concurrency.
 *
 * @throws `form_identifier_exists` (`id` or `external_id`), `too_many_requests`; NoAnswerError
 */
export async function createUser(params: CreateUser, { instance, now }: Call): Promise<User> {
  const identifications = (values: readonly string[]) => values.map((value) => ({ id: newId('idn', now), value }));
  const user: User = {
    ...params,
    id: params.id ?? newId('user', now),
    emailAddresses: identifications(params.emailAddresses),
    phoneNumbers: identifications(params.phoneNumbers),
    mfaEnabledAt: params.totpEnabled ? now : undefined,
    bannedAt: params.banned ? now : undefined,
    unbannedAt: undefined,
    createdAt: params.createdAt ?? now,
    updatedAt: now,
  };
  const isNew = { ConditionExpression: 'attribute_not_exists(id)' };
  const Put = { TableName: instance.tables.users, Item: userItem(user), ...isNew };
  const writes = [{ Put }, ...lookupWrites(undefined, user, instance)];
  const outcome = await writeAll(instance, writes, randomUUID());
  if (!outcome.committed) {
    const param_name = outcome.failed[0] ? 'id' : 'external_id';
    throw new ApiError({ code: 'form_identifier_exists', meta: { param_name } });
  }
  note({ user_id: user.id });
  return user;
}
