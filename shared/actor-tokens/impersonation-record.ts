// The attributes of an impersonation. Actor tokens and sessions store the same ones.
import * as v from 'valibot';
import { idSchema, type UserId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { EpochMs } from '../base/time.ts';
import { jsonText } from '../storage/attributes.ts';
import type { Item } from '../storage/item.ts';
import type { Actor, Impersonation } from './actor-token.ts';

/**
 * A stored actor has a `sub` that names somebody. Otherwise nobody could tell who acts: an app reads `act.sub`, and takes the user where it
 * is missing. The rule is wider than that for a new actor, so that a stricter one leaves the record readable.
 */
function hasSub(actor: Readonly<Record<string, unknown>>): actor is Actor {
  const { sub } = actor;
  if (typeof sub !== 'string' || sub.length > limits.actorSubLength) return false;
  return sub.trim() !== '' && !/[\p{Cc}\p{Cs}]/u.test(sub);
}

/** The attributes in the schema of a record. */
export const impersonationEntries = {
  user_id: idSchema('user'),
  external_id: v.nullish(v.string()),
  actor: v.pipe(jsonText<Readonly<Record<string, unknown>>>(), v.guard(hasSub)),
};

const record = v.object(impersonationEntries);

interface StoredImpersonation {
  readonly user_id: UserId;
  readonly external_id?: string | null | undefined;
  readonly actor: Actor;
}

/** The impersonation that an item stores. */
export function impersonationFrom({ user_id, external_id, actor }: StoredImpersonation): Impersonation {
  return { userId: user_id, externalId: external_id ?? undefined, actor };
}

/** The impersonation of any item; undefined for an item that has none that can be read. */
export function impersonationOf(item: Item): Impersonation | undefined {
  const stored = v.safeParse(record, item);
  return stored.success ? impersonationFrom(stored.output) : undefined;
}

/** The actor of a record from which a person was erased. */
const ERASED_ACTOR: Actor = { sub: 'erased' };

/** The attributes that erasing a person changes. The user's id stays: it names nobody when the user is deleted. */
export function erasedImpersonationAttributes(now: EpochMs) {
  return { external_id: null, actor: JSON.stringify(ERASED_ACTOR), erased_at: now };
}

/** The actor is stored as JSON text, so that it comes back exactly as it was given. */
export function impersonationAttributes({ userId, externalId, actor }: Impersonation) {
  return { user_id: userId, external_id: externalId, actor: JSON.stringify(actor) };
}
