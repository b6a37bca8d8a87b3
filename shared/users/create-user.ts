import { randomUUID } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { note } from '../base/metrics.ts';
import { writeAll } from '../storage/write.ts';
import type { User } from './user.ts';
import { externalIdGuard, userItem } from './user-record.ts';

export interface CreateUser
  extends Omit<
    User,
    'id' | 'emailAddresses' | 'phoneNumbers' | 'banned' | 'bannedAt' | 'unbannedAt' | 'createdAt' | 'updatedAt'
  > {
  readonly emailAddresses: readonly string[];
  readonly phoneNumbers: readonly string[];
}

/**
 * Creates a user. An external id belongs to at most one user, under any concurrency.
 *
 * @throws `form_identifier_exists` (`external_id`), `too_many_requests`; NoAnswerError
 */
export async function createUser(params: CreateUser, { instance, now }: Call): Promise<User> {
  const identifications = (values: readonly string[]) => values.map((value) => ({ id: newId('idn', now), value }));
  const user: User = {
    ...params,
    id: newId('user', now),
    emailAddresses: identifications(params.emailAddresses),
    phoneNumbers: identifications(params.phoneNumbers),
    banned: false,
    bannedAt: undefined,
    unbannedAt: undefined,
    createdAt: now,
    updatedAt: now,
  };
  const put = { TableName: instance.tables.users, ConditionExpression: 'attribute_not_exists(id)' };
  const guard = externalIdGuard(user);
  const writes = [
    { Put: { ...put, Item: userItem(user) } },
    ...(guard ? [{ Put: { ...put, Item: marshall(guard) } }] : []),
  ];
  const outcome = await writeAll(instance, writes, randomUUID());
  if (!outcome.committed) throw new ApiError({ code: 'form_identifier_exists', meta: { param_name: 'external_id' } });
  note({ user_id: user.id });
  return user;
}
