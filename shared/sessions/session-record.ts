import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import {
  erasedImpersonationAttributes,
  impersonationAttributes,
  impersonationEntries,
  impersonationFrom,
} from '../actor-tokens/impersonation-record.ts';
import type { BackendCaller, Call, Caller } from '../base/call.ts';
import type { EndCause } from '../base/end-cause.ts';
import { ApiError } from '../base/errors.ts';
import { idSchema, type SessionId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { note, noteProvedCaller } from '../base/metrics.ts';
import { DAY_IN_SECONDS, type EpochMs, toNumericDate } from '../base/time.ts';
import type { PresentedClient } from '../clients/client.ts';
import { instant, recordFrom } from '../storage/attributes.ts';
import type { Item } from '../storage/item.ts';
import { getItem } from '../storage/read.ts';
import type { Change } from '../storage/update.ts';
import type { WriteOutcome } from '../storage/write.ts';
import { type EndStatus, earliestActivity, type Session, whyNotUsable } from './session.ts';

/** The partition of the index `byCreated`, which holds every session. */
export const SESSION_KIND = 'session';

const record = v.object({
  id: idSchema('sess'),
  client_id: idSchema('client'),
  client_secret_hash: v.string(),
  ...impersonationEntries,
  actor_token_id: idSchema('act'),
  generation: v.number(),
  created_at: instant,
  expire_at: instant,
  last_active_at: instant,
  origin: v.nullish(v.string()),
  end_status: v.optional(v.picklist(['ended', 'removed', 'revoked'])),
  ended_at: v.optional(instant),
});

/** @throws `service_unavailable` when the item is not a session */
export function sessionFrom(item: Item): Session {
  const stored = recordFrom(record, item);
  return {
    id: stored.id,
    clientId: stored.client_id,
    clientSecretHash: stored.client_secret_hash,
    ...impersonationFrom(stored),
    actorTokenId: stored.actor_token_id,
    generation: stored.generation,
    createdAt: stored.created_at,
    expireAt: stored.expire_at,
    lastActiveAt: stored.last_active_at,
    origin: stored.origin ?? undefined,
    endStatus: stored.end_status,
    endedAt: stored.ended_at,
  };
}

/** The item of a new session, with the address and user agent of its browser. */
export function sessionItem(session: Session, caller: Caller, { auditRetentionDays }: Instance) {
  const item = {
    id: session.id,
    kind: SESSION_KIND,
    client_id: session.clientId,
    client_secret_hash: session.clientSecretHash,
    ...impersonationAttributes(session),
    actor_token_id: session.actorTokenId,
    generation: session.generation,
    created_at: session.createdAt,
    expire_at: session.expireAt,
    last_active_at: session.lastActiveAt,
    origin: session.origin,
    created_from: caller.sourceIp,
    created_with: caller.userAgent,
    ttl: toNumericDate(session.expireAt) + auditRetentionDays * DAY_IN_SECONDS,
  };
  return marshall(item, { removeUndefinedValues: true });
}

/** The attributes that activity changes. */
export function activityAttributes(now: EpochMs) {
  return { last_active_at: now };
}

/** Adds the ids of a session, its actor token and its user to the log line of this request. */
export function noteSession({ id, actorTokenId, userId }: Session): void {
  note({ session_id: id, actor_token_id: actorTokenId, user_id: userId });
}

/** The session as it is now (strongly consistent), or undefined. */
export async function getSession(instance: Instance, id: SessionId): Promise<Session | undefined> {
  const item = await getItem(instance, instance.tables.sessions, { id });
  return item && sessionFrom(item);
}

/**
 * A session of this instance, whether it has ended or not (strongly consistent).
 *
 * @throws `resource_not_found`
 */
export async function requireSession(instance: Instance, id: SessionId): Promise<Session> {
  const session = await getSession(instance, id);
  if (session) noteSession(session);
  if (session?.generation !== instance.generation) throw new ApiError('resource_not_found');
  return session;
}

/** The end of a session, as its item stores it. */
export interface SessionEnd {
  readonly status: EndStatus;
  readonly cause: EndCause;
  /** The rule of the policy that ended it; undefined for other causes. */
  readonly rule?: string | undefined;
  readonly at: EpochMs;
  /** The caller who ended it; empty when a request found that the session may not continue. */
  readonly by: Partial<BackendCaller>;
}

function endAttributes({ status, at, cause, rule, by }: SessionEnd) {
  return {
    end_status: status,
    ended_at: at,
    end_cause: cause,
    ...(rule !== undefined && { end_rule: rule }),
    ended_by: by.secretKeyId ?? null,
    ended_from: by.sourceIp ?? null,
    ended_with: by.userAgent ?? null,
  };
}

/**
 * The change that ends a session of this generation, if the session exists. The first end is final: a later one changes nothing and does
 * not fail, so it is safe to repeat.
 */
export function endChange({ tables, generation }: Instance, id: SessionId, end: SessionEnd) {
  return {
    table: tables.sessions,
    key: { id },
    set: endAttributes(end),
    onlyIfNotSet: true,
    // A session that does not exist has no generation.
    condition: 'generation = :generation',
    values: { generation },
  } satisfies Change;
}

/** The part of a condition by which a session is the one that this browser signed in to, and the values that it names. */
export function ofBrowser({ id, secretHash }: PresentedClient) {
  const condition = 'client_id = :client AND client_secret_hash = :secret';
  return { condition, values: { client: id, secret: secretHash } };
}

/**
 * The session that a write of this browser changed. It proves the browser, because its condition compares the secret.
 *
 * @param outcome of a change whose condition has `ofBrowser`
 * @throws as `whyNotUsable` when the condition did not hold
 */
export function sessionWritten(outcome: WriteOutcome, presented: PresentedClient, call: Call): Session {
  if (!outcome.committed)
    throw new ApiError(whyNotUsable(outcome.current && sessionFrom(outcome.current), presented, call));
  const session = sessionFrom(outcome.item);
  noteSession(session);
  noteProvedCaller();
  return session;
}

/** True when the stored end of the session is this one, and not an earlier one. */
export function hasEnd(item: Item, { at, cause }: SessionEnd): boolean {
  return item.ended_at === at && item.end_cause === cause;
}

/**
 * The change that erases a person from a session that is over. Null, and not the absence of an attribute: a later end writes only what
 * is absent.
 */
export function sessionErasure({ id }: Session, call: Call) {
  const { instance, now } = call;
  const isOver = '(attribute_exists(end_status) OR expire_at <= :now OR last_active_at <= :earliest_activity)';
  return {
    table: instance.tables.sessions,
    key: { id },
    set: {
      ...erasedImpersonationAttributes(now),
      origin: null,
      created_from: null,
      created_with: null,
      ended_from: null,
      ended_with: null,
    },
    condition: `${isOver} AND attribute_not_exists(erased_at)`,
    values: { now, earliest_activity: earliestActivity(call) },
  } satisfies Change;
}
