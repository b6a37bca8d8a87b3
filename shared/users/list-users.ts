import { isId } from '../ids.ts';
import { getUser, usersByCreation, usersByExternalId } from './get-user.ts';
import type { User } from './user.ts';

export interface UserFilter {
  readonly userIds: readonly string[];
  readonly externalIds: readonly string[];
  /** Compared without regard to case. */
  readonly emailAddresses: readonly string[];
  readonly phoneNumbers: readonly string[];
  readonly usernames: readonly string[];
  /** Part of an id, name, e-mail address or phone number, upper or lower case. */
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

/** Whether one of the wanted values is among the user's, or none is wanted. */
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

/** The fewest users that hold every match: named ones are looked up, anything else walks through all. */
async function* candidates({ userIds, externalIds }: UserFilter): AsyncGenerator<User> {
  if (userIds.length > 0) {
    const users = await Promise.all([...new Set(userIds)].map((id) => (isId('user', id) ? getUser(id) : undefined)));
    yield* users.filter((user) => user !== undefined);
  } else if (externalIds.length > 0) {
    for (const externalId of new Set(externalIds)) yield* usersByExternalId(externalId);
  } else {
    yield* usersByCreation();
  }
}

async function matchingUsers(filter: UserFilter): Promise<User[]> {
  const matching: User[] = [];
  for await (const user of candidates(filter)) if (matches(user, filter)) matching.push(user);
  return matching.sort((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1));
}

/** Users who match every given filter, newest first unless told. */
export async function listUsers({ limit, offset, oldestFirst, ...filter }: ListUsers): Promise<readonly User[]> {
  const users = await matchingUsers(filter);
  return (oldestFirst ? users.reverse() : users).slice(offset, offset + limit);
}

export async function countUsers(filter: UserFilter): Promise<number> {
  return (await matchingUsers(filter)).length;
}
