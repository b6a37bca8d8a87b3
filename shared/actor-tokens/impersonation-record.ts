// The attributes of an impersonation. Actor tokens and sessions store the same ones.
import * as v from 'valibot';
import { idSchema } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { Verified } from '../base/operators.ts';
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

/** What the record says of an operator names its issuer and its subject. */
function isVerified(value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, unknown>> & Verified {
  return typeof value.iss === 'string' && typeof value.sub === 'string' && typeof value.iat === 'number';
}

/** The attributes in the schema of a record. */
export const impersonationEntries = {
  user_id: idSchema('user'),
  external_id: v.nullish(v.string()),
  actor: v.pipe(jsonText<Readonly<Record<string, unknown>>>(), v.guard(hasSub)),
  verified: v.nullish(v.pipe(jsonText<Readonly<Record<string, unknown>>>(), v.guard(isVerified))),
  reason: v.nullish(v.string()),
  rule: v.nullish(v.string()),
};

const record = v.object(impersonationEntries);

type StoredImpersonation = v.InferOutput<typeof record>;

/** The impersonation that an item stores. */
export function impersonationFrom(stored: StoredImpersonation): Impersonation {
  const { user_id, external_id, actor, verified, reason, rule } = stored;
  return {
    userId: user_id,
    externalId: external_id ?? undefined,
    actor,
    verified: verified ?? undefined,
    reason: reason ?? undefined,
    rule: rule ?? undefined,
  };
}

/** The impersonation of any item; undefined for an item that has none that can be read. */
export function impersonationOf(item: Item): Impersonation | undefined {
  const stored = v.safeParse(record, item);
  return stored.success ? impersonationFrom(stored.output) : undefined;
}

/** The stored actor of a record from which a person was erased. */
export const ERASED_ACTOR = JSON.stringify({ sub: 'erased' } satisfies Actor);

/** The attributes that erasing a person changes. The user's id stays: it names nobody when the user is deleted. */
export function erasedImpersonationAttributes(now: EpochMs) {
  return { external_id: null, actor: ERASED_ACTOR, verified: null, reason: null, erased_at: now };
}

/** The actor and the operator are stored as JSON text, so that they come back exactly as they were given. */
export function impersonationAttributes({ userId, externalId, actor, verified, reason, rule }: Impersonation) {
  return {
    user_id: userId,
    external_id: externalId,
    actor: JSON.stringify(actor),
    verified: verified && JSON.stringify(verified),
    reason,
    rule,
  };
}
