import { config } from '../config.ts';
import type { UserId } from '../ids.ts';
import { countIndex, getItem, queryIndex } from '../storage/read.ts';
import type { User } from './user.ts';
import { USER_KIND, userFrom } from './user-record.ts';

/** The user as they are now (strongly consistent), or undefined. */
export async function getUser(id: UserId): Promise<User | undefined> {
  const item = await getItem(config.tables.users, { id });
  return item && userFrom(item);
}

const byCreation = { table: config.tables.users, index: 'byCreated', partition: ['kind', USER_KIND] } as const;

/** All users, newest first unless told. */
export async function* usersByCreation(oldestFirst: boolean): AsyncGenerator<User> {
  for await (const item of queryIndex({ ...byCreation, oldestFirst })) yield userFrom(item);
}

export function countAllUsers(): Promise<number> {
  return countIndex(byCreation);
}

/** The user with that external id, as the index knows them; at most one. */
export async function* usersByExternalId(externalId: string): AsyncGenerator<User> {
  const { users: table } = config.tables;
  const items = queryIndex({ table, index: 'byExternalId', partition: ['external_id', externalId] });
  for await (const item of items) yield userFrom(item);
}
