import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import {
  impersonationAttributes,
  impersonationEntries,
  impersonationFrom,
} from '../actor-tokens/impersonation-record.ts';
import type { BackendCaller, Caller } from '../base/call.ts';
import type { EndCause } from '../base/end-cause.ts';
import { type ActorTokenId, type ClientId, isId, type SessionId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { DAY_IN_SECONDS, type EpochMs, epochMs, toNumericDate } from '../base/time.ts';
import type { Item } from '../storage/item.ts';
import { getItem } from '../storage/read.ts';
import { updateInput } from '../storage/update.ts';
import type { EndStatus, Session } from './session.ts';

const record = v.object({
  id: v.custom<SessionId>((id) => isId('sess', id)),
  client_id: v.custom<ClientId>((id) => isId('client', id)),
  client_secret_hash: v.string(),
  ...impersonationEntries,
  actor_token_id: v.custom<ActorTokenId>((id) => isId('act', id)),
  generation: v.number(),
  created_at: v.number(),
  expire_at: v.number(),
  last_active_at: v.number(),
  origin: v.optional(v.string()),
  end_status: v.optional(v.picklist(['ended', 'removed', 'revoked'])),
  ended_at: v.optional(v.number()),
});

/** @throws ValiError when the item is not a session */
export function sessionFrom(item: Item): Session {
  const stored = v.parse(record, item);
  return {
    id: stored.id,
    clientId: stored.client_id,
    clientSecretHash: stored.client_secret_hash,
    ...impersonationFrom(stored),
    actorTokenId: stored.actor_token_id,
    generation: stored.generation,
    createdAt: epochMs(stored.created_at),
    expireAt: epochMs(stored.expire_at),
    lastActiveAt: epochMs(stored.last_active_at),
    origin: stored.origin,
    endStatus: stored.end_status,
    endedAt: stored.ended_at === undefined ? undefined : epochMs(stored.ended_at),
  };
}

/** The item of a new session, with the address and user agent of its browser. */
export function sessionItem(session: Session, caller: Caller, { auditRetentionDays }: Instance) {
  const item = {
    id: session.id,
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

/** The session as it is now (strongly consistent), or undefined. */
export async function getSession(instance: Instance, id: SessionId): Promise<Session | undefined> {
  const item = await getItem(instance, instance.tables.sessions, { id });
  return item && sessionFrom(item);
}

/** The end of a session, as the record stores it. */
export interface SessionEnd {
  readonly status: EndStatus;
  readonly cause: EndCause;
  readonly at: EpochMs;
  /** Empty when no request ended it. */
  readonly by: Partial<BackendCaller>;
}

/**
 * Ends a session of this generation if it exists. The first end is final: a later one changes nothing and does not fail, so ending is
 * safe to repeat. `only` narrows the condition.
 */
export function sessionEndInput(
  instance: Instance,
  id: SessionId,
  end: SessionEnd,
  only?: { readonly condition: string; readonly values: Item },
) {
  const exists = 'attribute_exists(id) AND generation = :generation';
  return updateInput({
    table: instance.tables.sessions,
    key: { id },
    set: {
      end_status: end.status,
      ended_at: end.at,
      end_cause: end.cause,
      ended_by: end.by.secretKeyId ?? null,
      ended_from: end.by.sourceIp ?? null,
      ended_with: end.by.userAgent ?? null,
    },
    onlyIfNotSet: true,
    condition: only ? `${exists} AND ${only.condition}` : exists,
    values: { generation: instance.generation, ...only?.values },
  });
}

/** True when the session's stored end is this one. Otherwise an earlier end stands, and this one changed nothing. */
export function hasEnd(item: Item, { at, cause }: SessionEnd): boolean {
  return item.ended_at === at && item.end_cause === cause;
}
