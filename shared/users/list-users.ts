import { ApiError } from '../base/errors.ts';
import { isId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { limits } from '../base/limits.ts';
import { note } from '../base/metrics.ts';
import {
  countAllUsers,
  getUser,
  tooManyUsers,
  usersByCreation,
  usersByExternalId,
  usersById,
  usersByIdentifier,
} from './read-users.ts';
import type { User } from './user.ts';
import { isWithoutFilter, matches, type UserFilter, wantedIdentifiers } from './user-filter.ts';
import { type Comparison, comparisonBy, type Order } from './user-order.ts';

export interface ListUsers extends UserFilter {
  readonly limit: number;
  readonly offset: number;
  readonly order: Order;
  readonly isAscending: boolean;
  /** The id of the user before the first of the list; only in the order of creation. */
  readonly startingAfter: string | undefined;
}

/** The users who have one of the wanted ids or identifiers; undefined when none is wanted. */
function findNamedUsers(instance: Instance, filter: UserFilter): AsyncGenerator<User> | undefined {
  const [userIds, externalIds] = [filter.userIds.included, filter.externalIds.included];
  if (userIds.length > 0) return usersById(instance, [...new Set(userIds)]);
  if (externalIds.length > 0) return usersByExternalId(instance, [...new Set(externalIds)]);
  const keys = wantedIdentifiers(filter).find(({ length }) => length > 0);
  return keys && usersByIdentifier(instance, keys);
}

/** @throws `form_param_value_invalid` for an id of nobody */
async function cursorOf({ startingAfter }: ListUsers, instance: Instance): Promise<User | undefined> {
  if (startingAfter === undefined) return undefined;
  const user = isId('user', startingAfter) ? await getUser(instance, startingAfter) : undefined;
  if (user) return user;
  const sentence = 'starting_after must be the id of a user.';
  throw new ApiError({ code: 'form_param_value_invalid', meta: { param_name: 'starting_after' }, sentence });
}

/** Keeps the first users of an order, in little more memory than these need. */
async function firstUsers(users: AsyncIterable<User>, count: number, compare: Comparison): Promise<readonly User[]> {
  let kept: User[] = [];
  for await (const user of users) {
    kept.push(user);
    if (kept.length >= 2 * count) kept = kept.sort(compare).slice(0, count);
  }
  return kept.sort(compare).slice(0, count);
}

/**
 * The matching users, read on demand.
 *
 * @throws `form_param_value_invalid` beyond `limits.userSearch.users`
 */
async function* matching(users: AsyncIterable<User>, filter: UserFilter): AsyncGenerator<User> {
  let count = 0;
  for await (const user of users) {
    count += 1;
    if (count > limits.userSearch.users) throw tooManyUsers();
    if (matches(user, filter)) yield user;
  }
}

/** The users of an order who come after the cursor. */
async function* following(users: AsyncIterable<User>, cursor: User, compare: Comparison): AsyncGenerator<User> {
  for await (const user of users) if (compare(user, cursor) > 0) yield user;
}

/** The first `count` matching users. Without a wanted id or identifier, users are read until there are as many, in another order all users. */
async function findUsers(instance: Instance, params: ListUsers, count: number): Promise<readonly User[]> {
  const { order, isAscending } = params;
  const compare = comparisonBy(order, isAscending);
  const cursor = await cursorOf(params, instance);
  const named = findNamedUsers(instance, params);
  if (named) return firstUsers(matching(cursor ? following(named, cursor, compare) : named, params), count, compare);
  const isByCreation = order === 'created_at';
  const { megabytes } = limits.userSearch;
  const walk = { oldestFirst: isByCreation && isAscending, previous: cursor, filter: params, megabytes };
  const users = matching(usersByCreation(instance, walk), params);
  if (!isByCreation) return firstUsers(users, count, compare);
  const found: User[] = [];
  for await (const user of users) {
    found.push(user);
    if (found.length === count) break;
  }
  return found;
}

/**
 * The users who match every given filter.
 *
 * @throws `form_param_value_invalid` (`starting_after`, and beyond `limits.userSearch`)
 */
export async function listUsers(instance: Instance, params: ListUsers): Promise<readonly User[]> {
  const { limit, offset } = params;
  const users = (await findUsers(instance, params, offset + limit)).slice(offset);
  note({ user_ids: users.map(({ id }) => id).join(' ') });
  return users;
}

/**
 * The number of users who match every given filter.
 *
 * @throws `form_param_value_invalid` beyond `limits.userSearch`
 */
export async function countUsers(instance: Instance, filter: UserFilter): Promise<number> {
  if (isWithoutFilter(filter)) return countAllUsers(instance);
  const { megabytes } = limits.userSearch;
  const walk = { oldestFirst: false, filter, megabytes };
  const candidates = findNamedUsers(instance, filter) ?? usersByCreation(instance, walk);
  let count = 0;
  for await (const _ of matching(candidates, filter)) count += 1;
  return count;
}
