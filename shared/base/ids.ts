import { createHash } from 'node:crypto';
import KSUID from 'ksuid';
import * as v from 'valibot';
import type { EpochMs } from './time.ts';

/** Prefixes of published ids. The part behind the prefix is a KSUID: 27 base62 characters, 128 of its bits random. */
export type IdPrefix =
  | 'act'
  | 'sess'
  | 'client'
  | 'user'
  | 'sia'
  | 'idn'
  | 'key'
  | 'dvb'
  | 'ins'
  | 'sact'
  | 'blid'
  | 'evt';

export type Id<Prefix extends IdPrefix> = `${Prefix}_${string}`;

export type ActorTokenId = Id<'act'>;
export type SessionId = Id<'sess'>;
export type ClientId = Id<'client'>;
export type UserId = Id<'user'>;
export type SecretKeyId = Id<'key'>;
export type BlockId = Id<'blid'>;
export type EventId = Id<'evt'>;

const KSUID_PATTERN = '[0-9A-Za-z]{27}';
const KSUID_GRAMMAR = new RegExp(`^${KSUID_PATTERN}$`);

/** A new id. KSUIDs begin with their time, so ids sort by creation to the second. */
export function newId<Prefix extends IdPrefix>(prefix: Prefix, now: EpochMs): Id<Prefix> {
  return `${prefix}_${KSUID.randomSync(now).string}`;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** An id that follows from a text: 27 base62 characters, the same ones for the same text. */
export function derivedId<Prefix extends IdPrefix>(prefix: Prefix, text: string): Id<Prefix> {
  let rest = BigInt(`0x${createHash('sha256').update(text).digest('hex')}`);
  let characters = '';
  while (characters.length < 27) {
    characters = BASE62.charAt(Number(rest % 62n)) + characters;
    rest /= 62n;
  }
  return `${prefix}_${characters}`;
}

/** The pattern of an id of that kind, as a regular expression. */
export function idPattern(prefix: IdPrefix): string {
  return `^${prefix}_${KSUID_PATTERN}$`;
}

/** True for an id of that kind. No other text is used as the key of an item. */
export function isId<Prefix extends IdPrefix>(prefix: Prefix, value: unknown): value is Id<Prefix> {
  return (
    typeof value === 'string' && value.startsWith(`${prefix}_`) && KSUID_GRAMMAR.test(value.slice(prefix.length + 1))
  );
}

/** The schema of an id of that kind. */
export function idSchema<Prefix extends IdPrefix>(prefix: Prefix) {
  return v.custom<Id<Prefix>>((value) => isId(prefix, value));
}

/**
 * The id of another noun with the same random part: `act_x` starts `sess_x`, and `sia_x` is that sign-in. One actor token therefore
 * has exactly one possible session id, and each of the three leads to the others without an index.
 */
export function siblingId<Prefix extends IdPrefix>(prefix: Prefix, id: Id<IdPrefix>): Id<Prefix> {
  return `${prefix}_${id.slice(id.indexOf('_') + 1)}`;
}
