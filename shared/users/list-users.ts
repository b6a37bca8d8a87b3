import type { Instance } from '../base/instance.ts';
import { note } from '../base/metrics.ts';
import { countAllUsers, usersByCreation, usersByExternalId, usersById } from './read-users.ts';
import type { User } from './user.ts';

export interface UserFilter {
  readonly userIds: readonly string[];
  readonly externalIds: readonly string[];
  /** Compared without regard to case. */
  readonly emailAddresses: readonly string[];
  readonly phoneNumbers: readonly string[];
  readonly usernames: readonly string[];
  /** Part of an id, name, e-mail address or phone number, in upper or lower case. */
  readonly query: string | undefined;
}

export interface ListUsers extends UserFilter {
  readonly limit: number;
  readonly offset: number;
  readonly oldestFirst: boolean;
}

function searchedText(user: User): string {
  const { id, externalId, username, firstName, lastName, emailAddresses, phoneNumbers } = user;
  const identifications = [...emailAddresses, ...phoneNumbers].map(({ value }) => value);
  return [id, externalId, username, firstName, lastName, ...identifications].join('\n').toLowerCase();
}

/** True when one of the wanted values is among the user's, or no value is wanted. */
function hasOneOf(wanted: readonly string[], own: readonly (string | null)[]): boolean {
  return wanted.length === 0 || own.some((value) => value !== null && wanted.includes(value));
}

function lowerCase(values: readonly string[]): readonly string[] {
  return values.map((value) => value.toLowerCase());
}

function matches(user: User, filter: UserFilter): boolean {
  const addresses = lowerCase(user.emailAddresses.map(({ value }) => value));
  const numbers = user.phoneNumbers.map(({ value }) => value);
  return (
    hasOneOf(filter.userIds, [user.id]) &&
    hasOneOf(filter.externalIds, [user.externalId]) &&
    hasOneOf(lowerCase(filter.emailAddresses), addresses) &&
    hasOneOf(filter.phoneNumbers, numbers) &&
    hasOneOf(filter.usernames, [user.username]) &&
    (filter.query === undefined || searchedText(user).includes(filter.query.toLowerCase()))
  );
}

/** The users with the ids of the filter, in the order of the list. */
async function findNamedUsers(
  instance: Instance,
  { userIds, externalIds }: UserFilter,
  oldestFirst: boolean,
): Promise<readonly User[]> {
  const named: User[] = [];
  if (userIds.length > 0) {
    for await (const user of usersById(instance, [...new Set(userIds)])) named.push(user);
  } else {
    for await (const user of usersByExternalId(instance, [...new Set(externalIds)])) named.push(user);
  }
  const newestFirst = named.sort((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1));
  return oldestFirst ? newestFirst.reverse() : newestFirst;
}

/** The matching users in the order of the list, read on demand. Without a filter by id, every user is read. */
async function* matchingUsers(instance: Instance, filter: UserFilter, oldestFirst: boolean): AsyncGenerator<User> {
  const isNamed = filter.userIds.length > 0 || filter.externalIds.length > 0;
  const candidates = isNamed
    ? await findNamedUsers(instance, filter, oldestFirst)
    : usersByCreation(instance, oldestFirst);
  for await (const user of candidates) if (matches(user, filter)) yield user;
}

/** The users who match every given filter. */
export async function listUsers(
  instance: Instance,
  { limit, offset, oldestFirst, ...filter }: ListUsers,
): Promise<readonly User[]> {
  const found: User[] = [];
  for await (const user of matchingUsers(instance, filter, oldestFirst)) {
    found.push(user);
    if (found.length === offset + limit) break;
  }
  const users = found.slice(offset);
  note({ user_ids: users.map(({ id }) => id).join(' ') });
  return users;
}

/** The number of users who match every given filter. */
export async function countUsers(instance: Instance, filter: UserFilter): Promise<number> {
  const { query, ...lists } = filter;
  if (query === undefined && Object.values(lists).every((wanted) => wanted.length === 0))
    return countAllUsers(instance);
  let count = 0;
  for await (const _ of matchingUsers(instance, filter, false)) count += 1;
  return count;
}
