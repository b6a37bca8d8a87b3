import * as v from 'valibot';
import { config } from '../base/config.ts';
import { type ActorTokenId, isId, type SessionId, type UserId } from '../base/ids.ts';
import { DAY_IN_SECONDS, type EpochMs, epochMs, toNumericDate } from '../base/time.ts';
import { getItem } from '../storage/read.ts';
import type { Item } from '../storage/write.ts';
import type { Actor, ActorToken } from './actor-token.ts';

const record = v.object({
  id: v.custom<ActorTokenId>((id) => isId('act', id)),
  status: v.picklist(['pending', 'accepted', 'revoked']),
  user_id: v.custom<UserId>((id) => isId('user', id)),
  actor: v.pipe(
    v.string(),
    v.parseJson(),
    v.custom<Actor>((actor) => typeof actor === 'object' && actor !== null),
  ),
  ticket_hash: v.string(),
  expire_at: v.number(),
  session_max_duration_in_seconds: v.number(),
  generation: v.number(),
  created_at: v.number(),
  updated_at: v.number(),
  session_id: v.optional(v.custom<SessionId>((id) => isId('sess', id))),
  attempt: v.optional(v.string()),
});

/** @throws when the stored item is not an actor token */
export function actorTokenFrom(item: Item): ActorToken {
  const stored = v.parse(record, item);
  return {
    id: stored.id,
    status: stored.status,
    userId: stored.user_id,
    actor: stored.actor,
    ticketHash: stored.ticket_hash,
    expireAt: epochMs(stored.expire_at),
    sessionMaxDurationInSeconds: stored.session_max_duration_in_seconds,
    generation: stored.generation,
    createdAt: epochMs(stored.created_at),
    updatedAt: epochMs(stored.updated_at),
    sessionId: stored.session_id,
    attempt: stored.attempt,
  };
}

/** The token as it is now (strongly consistent), or undefined. */
export async function getActorToken(id: ActorTokenId): Promise<ActorToken | undefined> {
  const item = await getItem(config.tables.actorTokens, { id });
  return item && actorTokenFrom(item);
}

/** When DynamoDB may tidy the item away: the audit retention past the end of any session it can have started. */
export function actorTokenTtl(expireAt: EpochMs, sessionMaxDurationInSeconds: number): number {
  return toNumericDate(expireAt) + sessionMaxDurationInSeconds + config.auditRetentionDays * DAY_IN_SECONDS;
}
