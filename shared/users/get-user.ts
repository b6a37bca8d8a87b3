import { config } from '../base/config.ts';
import { isId, type UserId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { countIndex, getItem, getItems, queryIndex } from '../storage/read.ts';
import type { User } from './user.ts';
import { USER_KIND, userFrom } from './user-record.ts';

/** The user as they are now (strongly consistent), or undefined. */
export async function getUser(id: UserId): Promise<User | undefined> {
  const item = await getItem(config.tables.users, { id });
  return item && userFrom(item);
}

/** Those of the users who exist, as they are now (strongly consistent). */
export async function* usersById(ids: readonly string[]): AsyncGenerator<User> {
  const known = ids.filter((id) => isId('user', id));
  for await (const item of getItems(config.tables.users, known)) yield userFrom(item);
}

const byCreation = { table: config.tables.users, index: 'byCreated', partition: ['kind', USER_KIND] } as const;

/** All users, newest first unless told. */
export async function* usersByCreation(oldestFirst: boolean): AsyncGenerator<User> {
  for await (const item of queryIndex({ ...byCreation, oldestFirst })) yield userFrom(item);
}

export function countAllUsers(): Promise<number> {
  return countIndex(byCreation);
}

/**
 * The user with that external id, as the index knows them; at most one. DynamoDB takes no empty key, and none over 2,048
 * bytes.
 */
export async function* usersByExternalId(externalId: string): AsyncGenerator<User> {
  if (externalId === '' || externalId.length > limits.externalIdLength) return;
  const { users: table } = config.tables;
  const items = queryIndex({ table, index: 'byExternalId', partition: ['external_id', externalId] });
  for await (const item of items) yield userFrom(item);
}
