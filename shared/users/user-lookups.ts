// The items beside a user by which they are found: the guard of the external id, and an entry for each identifier.
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { idSchema, type UserId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { recordFrom } from '../storage/attributes.ts';
import type { Item } from '../storage/item.ts';
import type { User } from './user.ts';

/** The key of the item that makes an external id unique. An index cannot do that. No user id has this form. */
export function externalIdGuardKey(externalId: string) {
  return { id: `external_id#${externalId}` };
}

function externalIdGuard({ id, externalId }: User): Item | undefined {
  return externalId === null ? undefined : { ...externalIdGuardKey(externalId), user_id: id };
}

const guardRecord = v.object({ user_id: idSchema('user') });

/** @throws `service_unavailable` when the item is not a guard of an external id */
export function guardedUserId(guard: Item): UserId {
  return recordFrom(guardRecord, guard).user_id;
}

export type IdentifierKind = 'email_address' | 'phone_number' | 'username';

/** The key of the index `byIdentifier`. E-mail addresses are compared without regard to case. */
export function identifierKey(kind: IdentifierKind, value: string): string {
  return `${kind}#${kind === 'email_address' ? value.toLowerCase() : value}`;
}

/** The entries of a user. Several users may have the same identifier, so the user is part of the key. */
function identifierEntries({ id, username, emailAddresses, phoneNumbers }: User): readonly Item[] {
  const identifiers = new Set([
    ...emailAddresses.map(({ value }) => identifierKey('email_address', value)),
    ...phoneNumbers.map(({ value }) => identifierKey('phone_number', value)),
    ...(username === null ? [] : [identifierKey('username', username)]),
  ]);
  return [...identifiers].map((identifier) => ({ id: `${identifier}#${id}`, identifier }));
}

/** The id of the user whose entry this is. */
export function userIdOfEntry({ id, identifier }: Item): string {
  return String(id).slice(`${identifier}#`.length);
}

/** All items by which a user is found. */
export function lookupsOf(user: User): readonly Item[] {
  const guard = externalIdGuard(user);
  return [...(guard ? [guard] : []), ...identifierEntries(user)];
}

/** Only a guard can be another user's. An entry has its user in the key. */
function isGuard(item: Item): boolean {
  return 'user_id' in item;
}

/** The items of one list whose key no item of the other has. */
function without(items: readonly Item[], others: readonly Item[]): readonly Item[] {
  const keys = new Set(others.map(({ id }) => id));
  return items.filter(({ id }) => !keys.has(id));
}

/**
 * The writes that make a user findable by what they are now, and no longer by what they were before. They belong into the transaction
 * that writes the user. A write fails only when another user has the external id.
 *
 * @param before undefined for a user who is created
 * @param now undefined for a user who is deleted
 */
export function lookupWrites(
  before: User | undefined,
  now: User | undefined,
  { tables }: Instance,
): readonly TransactWriteItem[] {
  const TableName = tables.users;
  const [former, present] = [before ? lookupsOf(before) : [], now ? lookupsOf(now) : []];
  const puts = without(present, former).map((item) => {
    const isFree = 'attribute_not_exists(id)';
    return { Put: { TableName, Item: marshall(item), ...(isGuard(item) && { ConditionExpression: isFree }) } };
  });
  const deletions = without(former, present).map((item) => {
    const isOwn = () => ({
      ConditionExpression: 'attribute_not_exists(id) OR user_id = :id',
      ExpressionAttributeValues: marshall({ ':id': item.user_id }),
    });
    return { Delete: { TableName, Key: marshall({ id: item.id }), ...(isGuard(item) && isOwn()) } };
  });
  return [...puts, ...deletions];
}
