import { config } from '../config.ts';
import type { UserId } from '../ids.ts';
import { getItem, queryIndex } from '../storage/read.ts';
import type { User } from './user.ts';
import { USER_KIND, userFrom } from './user-record.ts';

/** The user as they are now (strongly consistent), or undefined. */
export async function getUser(id: UserId): Promise<User | undefined> {
  const item = await getItem(config.tables.users, { id });
  return item && userFrom(item);
}

/** All users, newest first. */
export async function* usersByCreation(): AsyncGenerator<User> {
  for await (const item of queryIndex(config.tables.users, 'byCreated', { kind: USER_KIND })) yield userFrom(item);
}

/** The user with that external id, as the index knows them; at most one. */
export async function* usersByExternalId(externalId: string): AsyncGenerator<User> {
  const items = queryIndex(config.tables.users, 'byExternalId', { external_id: externalId });
  for await (const item of items) yield userFrom(item);
}
