import { ApiError } from '../base/errors.ts';
import { isId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { note } from '../base/metrics.ts';
import { countAllUsers, getUser, usersByCreation, usersByExternalId, usersById } from './read-users.ts';
import type { User } from './user.ts';
import { isWithoutFilter, matches, type UserFilter } from './user-filter.ts';
import { type Comparison, comparisonBy, type Order } from './user-order.ts';

export interface ListUsers extends UserFilter {
  readonly limit: number;
  readonly offset: number;
  readonly order: Order;
  readonly isAscending: boolean;
  /** The id of the user before the first of the list; only in the order of creation. */
  readonly startingAfter: string | undefined;
}

/** The users with the included ids; undefined when no id is. */
async function findNamedUsers(instance: Instance, filter: UserFilter): Promise<readonly User[] | undefined> {
  const [userIds, externalIds] = [filter.userIds.included, filter.externalIds.included];
  if (userIds.length === 0 && externalIds.length === 0) return undefined;
  const named =
    userIds.length > 0
      ? usersById(instance, [...new Set(userIds)])
      : usersByExternalId(instance, [...new Set(externalIds)]);
  const found: User[] = [];
  for await (const user of named) found.push(user);
  return found;
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
async function firstUsers(
  users: AsyncIterable<User> | Iterable<User>,
  count: number,
  compare: Comparison,
): Promise<readonly User[]> {
  let kept: User[] = [];
  for await (const user of users) {
    kept.push(user);
    if (kept.length >= 2 * count) kept = kept.sort(compare).slice(0, count);
  }
  return kept.sort(compare).slice(0, count);
}

/** The matching users, read on demand. */
async function* matching(users: AsyncIterable<User> | Iterable<User>, filter: UserFilter): AsyncGenerator<User> {
  for await (const user of users) if (matches(user, filter)) yield user;
}

/** The first `count` matching users. Without a filter by id, users are read until there are as many, in another order all users. */
async function findUsers(instance: Instance, params: ListUsers, count: number): Promise<readonly User[]> {
  const { order, isAscending } = params;
  const compare = comparisonBy(order, isAscending);
  const cursor = await cursorOf(params, instance);
  const named = await findNamedUsers(instance, params);
  if (named) {
    const rest = cursor ? named.filter((user) => compare(user, cursor) > 0) : named;
    return firstUsers(matching(rest, params), count, compare);
  }
  const isByCreation = order === 'created_at';
  const users = matching(usersByCreation(instance, isByCreation && isAscending, cursor), params);
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
 * @throws `form_param_value_invalid` (`starting_after`)
 */
export async function listUsers(instance: Instance, params: ListUsers): Promise<readonly User[]> {
  const { limit, offset } = params;
  const users = (await findUsers(instance, params, offset + limit)).slice(offset);
  note({ user_ids: users.map(({ id }) => id).join(' ') });
  return users;
}

/** The number of users who match every given filter. */
export async function countUsers(instance: Instance, filter: UserFilter): Promise<number> {
  if (isWithoutFilter(filter)) return countAllUsers(instance);
  const candidates = (await findNamedUsers(instance, filter)) ?? usersByCreation(instance, false);
  let count = 0;
  for await (const _ of matching(candidates, filter)) count += 1;
  return count;
}
