import { randomUUID } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { EpochMs } from '../base/time.ts';
import { writeAll } from '../storage/write.ts';
import type { User } from './user.ts';
import { externalIdGuardKey, userItem } from './user-record.ts';

export interface CreateUser
  extends Omit<
    User,
    'id' | 'emailAddresses' | 'phoneNumbers' | 'banned' | 'bannedAt' | 'unbannedAt' | 'createdAt' | 'updatedAt'
  > {
  readonly emailAddresses: readonly string[];
  readonly phoneNumbers: readonly string[];
}

/**
 * Makes a user. An external id belongs to at most one user, under any concurrency.
 *
 * @throws `form_identifier_exists` (`external_id`)
 */
export async function createUser(params: CreateUser, now: EpochMs): Promise<User> {
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
  const table = { TableName: config.tables.users, ConditionExpression: 'attribute_not_exists(id)' };
  const guard = user.externalId === null ? [] : [{ ...externalIdGuardKey(user.externalId), user_id: user.id }];
  const outcome = await writeAll(
    [
      { Put: { ...table, Item: userItem(user) } },
      ...guard.map((item) => ({ Put: { ...table, Item: marshall(item) } })),
    ],
    randomUUID(),
  );
  if (!outcome.committed) throw new ApiError({ code: 'form_identifier_exists', meta: { param_name: 'external_id' } });
  return user;
}
