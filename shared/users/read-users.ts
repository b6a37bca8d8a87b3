import { ApiError } from '../base/errors.ts';
import { isId, type UserId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { limits } from '../base/limits.ts';
import { note } from '../base/metrics.ts';
import { countIndex, getItem, getItems, queryIndex } from '../storage/read.ts';
import type { User } from './user.ts';
import { USER_KIND, userFrom } from './user-record.ts';

/** The user as they are now (strongly consistent), or undefined. */
export async function getUser(instance: Instance, id: UserId): Promise<User | undefined> {
  const item = await getItem(instance, instance.tables.users, { id });
  return item && userFrom(item);
}

/**
 * The user as they are now (strongly consistent).
 *
 * @throws `resource_not_found`
 */
export async function requireUser(instance: Instance, id: UserId): Promise<User> {
  const user = await getUser(instance, id);
  if (!user) throw new ApiError('resource_not_found');
  note({ user_id: user.id });
  return user;
}

/** The users with these ids who exist, as they are now (strongly consistent). */
export async function* usersById(instance: Instance, ids: readonly string[]): AsyncGenerator<User> {
  const userIds = ids.filter((id) => isId('user', id));
  for await (const item of getItems(instance, instance.tables.users, userIds)) yield userFrom(item);
}

function byCreation({ tables: { users: table } }: Instance) {
  return { table, index: 'byCreated', partition: ['kind', USER_KIND] } as const;
}

/** All users in the order of their creation. */
export async function* usersByCreation(instance: Instance, oldestFirst: boolean): AsyncGenerator<User> {
  for await (const item of queryIndex(instance, { ...byCreation(instance), oldestFirst })) yield userFrom(item);
}

/** The number of all users. */
export function countAllUsers(instance: Instance): Promise<number> {
  return countIndex(instance, byCreation(instance));
}

/** The user with that external id as the index has them; at most one. DynamoDB accepts no empty key, and none over 2,048 bytes. */
export async function* usersByExternalId(instance: Instance, externalId: string): AsyncGenerator<User> {
  if (externalId === '' || externalId.length > limits.externalIdLength) return;
  const { users: table } = instance.tables;
  const items = queryIndex(instance, { table, index: 'byExternalId', partition: ['external_id', externalId] });
  for await (const item of items) yield userFrom(item);
}
