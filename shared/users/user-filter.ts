// Decides which users a list has.
import type { EpochMs } from '../base/time.ts';
import { fullNameOf, searchedTexts, type User } from './user.ts';
import { identifierKey } from './user-lookups.ts';

/** Values of which a user has one of the included, where any is included, and none of the excluded. */
interface Wanted {
  readonly included: readonly string[];
  readonly excluded: readonly string[];
}

export interface UserFilter {
  readonly userIds: Wanted;
  readonly externalIds: Wanted;
  /** Compared without regard to case. */
  readonly emailAddresses: readonly string[];
  readonly phoneNumbers: readonly string[];
  readonly usernames: readonly string[];
  /** Part of an id, name, e-mail address or phone number, in upper or lower case, as the next four are parts of one of them. */
  readonly query: string | undefined;
  readonly emailAddressQuery: string | undefined;
  readonly phoneNumberQuery: string | undefined;
  readonly usernameQuery: string | undefined;
  readonly nameQuery: string | undefined;
  readonly banned: boolean | undefined;
  readonly createdBefore: EpochMs | undefined;
  readonly createdAfter: EpochMs | undefined;
}

function valuesOf(identifications: User['emailAddresses']): readonly string[] {
  return identifications.map(({ value }) => value);
}

/** True when one of the wanted values is among the user's, or no value is wanted. */
function hasOneOf(wanted: readonly string[], own: readonly (string | null)[]): boolean {
  return wanted.length === 0 || own.some((value) => value !== null && wanted.includes(value));
}

function isWanted({ included, excluded }: Wanted, own: string | null): boolean {
  return hasOneOf(included, [own]) && !(own !== null && excluded.includes(own));
}

/** True when one of the texts has this part, or no part is wanted. */
function hasPart(part: string | undefined, texts: readonly (string | null)[]): boolean {
  const wanted = part?.toLowerCase();
  return wanted === undefined || texts.some((text) => text?.toLowerCase().includes(wanted));
}

function lowerCase(values: readonly string[]): readonly string[] {
  return values.map((value) => value.toLowerCase());
}

/** True when the user matches every given filter. */
export function matches(user: User, filter: UserFilter): boolean {
  const addresses = valuesOf(user.emailAddresses);
  const numbers = valuesOf(user.phoneNumbers);
  const { banned, createdBefore, createdAfter } = filter;
  return (
    isWanted(filter.userIds, user.id) &&
    isWanted(filter.externalIds, user.externalId) &&
    hasOneOf(lowerCase(filter.emailAddresses), lowerCase(addresses)) &&
    hasOneOf(filter.phoneNumbers, numbers) &&
    hasOneOf(filter.usernames, [user.username]) &&
    hasPart(filter.query, searchedTexts(user)) &&
    hasPart(filter.emailAddressQuery, addresses) &&
    hasPart(filter.phoneNumberQuery, numbers) &&
    hasPart(filter.usernameQuery, [user.username]) &&
    hasPart(filter.nameQuery, [fullNameOf(user)]) &&
    (banned === undefined || user.banned === banned) &&
    (createdBefore === undefined || user.createdAt < createdBefore) &&
    (createdAfter === undefined || user.createdAt > createdAfter)
  );
}

/** The keys of the wanted identifiers, by their kind. */
export function wantedIdentifiers(filter: UserFilter): readonly (readonly string[])[] {
  const { emailAddresses, phoneNumbers, usernames } = filter;
  return [
    emailAddresses.map((value) => identifierKey('email_address', value)),
    phoneNumbers.map((value) => identifierKey('phone_number', value)),
    usernames.map((value) => identifierKey('username', value)),
  ];
}

/** The searched parts. A user who matches has each of them in one of the searched texts. */
export function partsOf(filter: UserFilter): readonly string[] {
  const { query, emailAddressQuery, phoneNumberQuery, usernameQuery, nameQuery } = filter;
  return [query, emailAddressQuery, phoneNumberQuery, usernameQuery, nameQuery].flatMap((part) => (part ? [part] : []));
}

/** True when every user matches. */
export function isWithoutFilter(filter: UserFilter): boolean {
  const { userIds, externalIds, ...others } = filter;
  return [...Object.values(userIds), ...Object.values(externalIds), ...Object.values(others)].every(
    (value) => value === undefined || (Array.isArray(value) && value.length === 0),
  );
}
