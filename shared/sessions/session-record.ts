import type { UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import type { Actor } from '../actor-tokens/actor-token.ts';
import type { Caller } from '../base/caller.ts';
import { config } from '../base/config.ts';
import { type ActorTokenId, type ClientId, isId, type SecretKeyId, type SessionId, type UserId } from '../base/ids.ts';
import { DAY_IN_SECONDS, type EpochMs, epochMs, toNumericDate } from '../base/time.ts';
import { getItem } from '../storage/read.ts';
import type { Item } from '../storage/write.ts';
import type { EndCause, EndStatus, Session } from './session.ts';

const record = v.object({
  id: v.custom<SessionId>((id) => isId('sess', id)),
  client_id: v.custom<ClientId>((id) => isId('client', id)),
  client_secret_hash: v.string(),
  user_id: v.custom<UserId>((id) => isId('user', id)),
  actor: v.pipe(
    v.string(),
    v.parseJson(),
    v.custom<Actor>((actor) => typeof actor === 'object' && actor !== null),
  ),
  actor_token_id: v.custom<ActorTokenId>((id) => isId('act', id)),
  generation: v.number(),
  created_at: v.number(),
  expire_at: v.number(),
  last_active_at: v.number(),
  origin: v.optional(v.string()),
  end_status: v.optional(v.picklist(['ended', 'removed', 'revoked'])),
  ended_at: v.optional(v.number()),
});

/** @throws when the stored item is not a session */
export function sessionFrom(item: Item): Session {
  const stored = v.parse(record, item);
  return {
    id: stored.id,
    clientId: stored.client_id,
    clientSecretHash: stored.client_secret_hash,
    userId: stored.user_id,
    actor: stored.actor,
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

/** The item of a new session, with where it came from. */
export function sessionItem(session: Session, caller: Caller) {
  const item = {
    id: session.id,
    client_id: session.clientId,
    client_secret_hash: session.clientSecretHash,
    user_id: session.userId,
    actor: JSON.stringify(session.actor),
    actor_token_id: session.actorTokenId,
    generation: session.generation,
    created_at: session.createdAt,
    expire_at: session.expireAt,
    last_active_at: session.lastActiveAt,
    origin: session.origin,
    created_from: caller.sourceIp,
    created_with: caller.userAgent,
    ttl: toNumericDate(session.expireAt) + config.auditRetentionDays * DAY_IN_SECONDS,
  };
  return marshall(item, { removeUndefinedValues: true });
}

/** The session as it is now (strongly consistent), or undefined. */
export async function getSession(id: SessionId): Promise<Session | undefined> {
  const item = await getItem(config.tables.sessions, { id });
  return item && sessionFrom(item);
}

export interface SessionEnd {
  readonly status: EndStatus;
  readonly cause: EndCause;
  readonly at: EpochMs;
  readonly by: Partial<Caller> & { readonly secretKeyId?: SecretKeyId };
}

type EndUpdate = Required<
  Pick<
    UpdateItemCommandInput,
    'TableName' | 'Key' | 'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'
  >
>;

/**
 * Ends a session of this generation if it exists. The first end wins: a later one changes nothing and does not fail, so
 * that ending is safe to repeat. `and` narrows the condition.
 */
export function sessionEndUpdate(
  id: SessionId,
  end: SessionEnd,
  and?: { readonly condition: string; readonly values: Item },
): EndUpdate {
  const written = {
    end_status: end.status,
    ended_at: end.at,
    end_cause: end.cause,
    ended_by: end.by.secretKeyId ?? null,
    ended_from: end.by.sourceIp ?? null,
    ended_with: end.by.userAgent ?? null,
  };
  const assignments = Object.keys(written).map((name) => `${name} = if_not_exists(${name}, :${name})`);
  const values = Object.entries(written).map(([name, value]) => [`:${name}`, value]);
  const exists = 'attribute_exists(id) AND generation = :generation';
  return {
    TableName: config.tables.sessions,
    Key: marshall({ id }),
    UpdateExpression: `SET ${assignments.join(', ')}`,
    ConditionExpression: and ? `${exists} AND ${and.condition}` : exists,
    ExpressionAttributeValues: marshall({
      ...Object.fromEntries(values),
      ':generation': config.generation,
      ...and?.values,
    }),
  };
}

/** Whether the end that a session has is this one. An earlier one stands, and then nothing was ended. */
export function hasEnd(item: Item, { at, cause }: SessionEnd): boolean {
  return item.ended_at === at && item.end_cause === cause;
}
