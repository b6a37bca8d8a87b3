import type { ActorToken } from '../../../shared/actor-tokens/actor-token.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { formatTime } from '../format-time.ts';

/** Returns what `--json` prints of a session. */
export function sessionJson(
  { id, userId, externalId, actor, createdAt, lastActiveAt, expireAt }: Session,
  status: string,
) {
  return {
    id,
    user_id: userId,
    external_id: externalId ?? null,
    actor,
    status,
    created_at: formatTime(createdAt),
    last_active_at: formatTime(lastActiveAt),
    expire_at: formatTime(expireAt),
  };
}

/** Returns what `--json` prints of an actor token. */
export function actorTokenJson({ id, userId, externalId, actor, status, createdAt, expireAt }: ActorToken) {
  const ids = { id, user_id: userId, external_id: externalId ?? null };
  return { ...ids, actor, status, created_at: formatTime(createdAt), expire_at: formatTime(expireAt) };
}

/** Returns the row of a session or an actor token in a table. */
export function rowOf({ id, userId, actor, createdAt, expireAt }: Session | ActorToken): readonly string[] {
  return [id, userId, actor.sub, formatTime(createdAt), `until ${formatTime(expireAt)}`];
}
