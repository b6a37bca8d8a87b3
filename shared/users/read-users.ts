import { ApiError } from '../base/errors.ts';
import { isId, type UserId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { limits } from '../base/limits.ts';
import { note } from '../base/metrics.ts';
import { countIndex, type Filter, getItem, getItems, queryIndex } from '../storage/read.ts';
import type { User } from './user.ts';
import { partsOf, type UserFilter } from './user-filter.ts';
import { externalIdGuardKey, guardedUserId, userIdOfEntry } from './user-lookups.ts';
import { USER_KIND, userFrom } from './user-record.ts';

/** The user as they are now (strongly consistent), or undefined. */
export async function getUser(instance: Instance, id: UserId): Promise<User | undefined> {
  const item = await getItem(instance, instance.tables.users, { id });
  return item && userFrom(item);
}

/** True for a text that a user can have as external id. No other text is looked up. */
function canBeExternalId(text: string): boolean {
  return text !== '' && text.length <= limits.externalIdBytes && text.isWellFormed() && !isId('user', text);
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

/** A walk through the users in the order of their creation. */
export interface Walk {
  readonly oldestFirst: boolean;
  /** The user before the first. */
  readonly previous?: User | undefined;
  readonly filter?: UserFilter;
  /** What it may read at most. By default it reads as long as users are wanted. */
  readonly megabytes?: number;
}

/**
 * The part of the walk between the creation times of the filter, with these times themselves: `matches` leaves them out. DynamoDB wants the
 * user before the first to be a part of it.
 */
function rangeOf({ oldestFirst, previous, filter }: Walk) {
  const { createdAfter = 0, createdBefore = Number.MAX_SAFE_INTEGER } = filter ?? {};
  const range = { sortKey: 'created_at', first: createdAfter, last: createdBefore };
  if (!previous) return range;
  return oldestFirst ? { ...range, first: previous.createdAt } : { ...range, last: previous.createdAt };
}

/** Leaves out users who do not match, so that they are not sent. Others who do not match may be left in. */
function filterOf({ filter }: Walk): Filter | undefined {
  if (!filter) return undefined;
  const parts = Object.entries(partsOf(filter)).map(([n, part]) => [`part${n}`, part.toLowerCase()] as const);
  const { banned } = filter;
  const conditions = [
    ...parts.map(([name]) => `contains(searched_text, :${name})`),
    ...(banned === undefined ? [] : ['banned = :banned']),
  ];
  if (conditions.length === 0) return undefined;
  return {
    expression: conditions.join(' AND '),
    values: { ...Object.fromEntries(parts), ...(banned !== undefined && { banned }) },
  };
}

/** The error for a request that would read more than `limits.userSearch`. */
export function tooManyUsers(): ApiError {
  const { megabytes, users } = limits.userSearch;
  const sentence =
    `This request would read more than ${megabytes} MB of users, or sort or skip more than ${users}. ` +
    'Find users by user_id, external_id, email_address, phone_number or username, ' +
    'narrow the search with created_at_after and created_at_before, or page with starting_after.';
  return new ApiError({ code: 'form_param_value_invalid', sentence });
}

/**
 * Users in the order of their creation, among them all who match the filter and were created between its times.
 *
 * @throws `form_param_value_invalid` when it would read more than it may
 */
export async function* usersByCreation(instance: Instance, walk: Walk): AsyncGenerator<User> {
  const { oldestFirst, previous, megabytes = Number.POSITIVE_INFINITY } = walk;
  const range = rangeOf(walk);
  const startAfter = previous && { id: previous.id, kind: USER_KIND, created_at: previous.createdAt };
  // DynamoDB refuses an empty range.
  if (range.first > range.last) return;
  const query = { ...byCreation(instance), oldestFirst, startAfter, range, filter: filterOf(walk) };
  let pages = 0;
  for await (const page of queryIndex(instance, query)) {
    // DynamoDB reads 1 MB for each page.
    pages += 1;
    if (pages > megabytes) throw tooManyUsers();
    for (const item of page) yield userFrom(item);
  }
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

/** Source: DynamoDB quotas: bytes of a partition key. It refuses to look for a longer one. */
const LONGEST_PARTITION_KEY = 2048;

/** The users whose entries have one of these keys, as they are now (strongly consistent). The entries may be late. */
export async function* usersByIdentifier(instance: Instance, identifiers: readonly string[]): AsyncGenerator<User> {
  const ids = new Set<string>();
  for (const identifier of new Set(identifiers)) {
    if (Buffer.byteLength(identifier) > LONGEST_PARTITION_KEY) continue;
    const partition = ['identifier', identifier] as const;
    const query = { table: instance.tables.users, index: 'byIdentifier', partition };
    for await (const page of queryIndex(instance, query)) for (const entry of page) ids.add(userIdOfEntry(entry));
  }
  yield* usersById(instance, [...ids]);
}
