import { ApiError } from '../base/errors.ts';
import { isId, type UserId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { limits } from '../base/limits.ts';
import { note } from '../base/metrics.ts';
import { countIndex, getItem, getItems, queryIndex } from '../storage/read.ts';
import type { User } from './user.ts';
import { externalIdGuardKey, guardedUserId, USER_KIND, userFrom } from './user-record.ts';

/** The user as they are now (strongly consistent), or undefined. */
export async function getUser(instance: Instance, id: UserId): Promise<User | undefined> {
  const item = await getItem(instance, instance.tables.users, { id });
  return item && userFrom(item);
}

/** True for a text that a user can have as external id. No other text is looked up. */
function canBeExternalId(text: string): boolean {
  return text !== '' && text.length <= limits.externalIdBytes && !isId('user', text);
}

/**
 * The id of the user whom a text names: an id names itself, whether or not a user has it, and any other text is an external id. An
 * external id is looked up in the item that makes it unique, because an index would be late. Undefined for an external id of nobody.
 */
export async function findUserId(instance: Instance, idOrExternalId: string): Promise<UserId | undefined> {
  if (isId('user', idOrExternalId)) return idOrExternalId;
  if (!canBeExternalId(idOrExternalId)) return undefined;
  const guard = await getItem(instance, instance.tables.users, externalIdGuardKey(idOrExternalId));
  return guard && guardedUserId(guard);
}

/**
 * As `findUserId`.
 *
 * @throws `resource_not_found` for an external id of nobody
 */
export async function requireUserId(instance: Instance, idOrExternalId: string): Promise<UserId> {
  const id = await findUserId(instance, idOrExternalId);
  if (!id) throw new ApiError('resource_not_found');
  return id;
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

/** All users in the order of their creation, or those who follow one of them. */
export async function* usersByCreation(
  instance: Instance,
  oldestFirst: boolean,
  previous?: User,
): AsyncGenerator<User> {
  const startAfter = previous && { id: previous.id, kind: USER_KIND, created_at: previous.createdAt };
  for await (const item of queryIndex(instance, { ...byCreation(instance), oldestFirst, startAfter }))
    yield userFrom(item);
}

/** The number of all users. */
export function countAllUsers(instance: Instance): Promise<number> {
  return countIndex(instance, byCreation(instance));
}

/** The users with these external ids who exist, as they are now (strongly consistent). */
export async function* usersByExternalId(instance: Instance, externalIds: readonly string[]): AsyncGenerator<User> {
  const keys = externalIds.filter(canBeExternalId).map((externalId) => externalIdGuardKey(externalId).id);
  const ids: UserId[] = [];
  for await (const guard of getItems(instance, instance.tables.users, keys)) ids.push(guardedUserId(guard));
  yield* usersById(instance, ids);
}
