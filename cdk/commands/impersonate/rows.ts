import type { ActorToken, Impersonation } from '../../../shared/actor-tokens/actor-token.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { formatTime } from '../format-time.ts';

type By = Pick<Impersonation, 'actor' | 'verified' | 'reason' | 'rule'>;

/** Who acts, why, and what allowed it. */
function byJson({ actor, verified, reason, rule }: By) {
  return { actor, verified: verified ?? null, reason: reason ?? null, rule: rule ?? null };
}

/** Returns what `--json` prints of a session. */
export function sessionJson(
  { id, userId, externalId, createdAt, lastActiveAt, expireAt, ...impersonation }: Session,
  status: string,
) {
  return {
    id,
    user_id: userId,
    external_id: externalId ?? null,
    ...byJson(impersonation),
    status,
    created_at: formatTime(createdAt),
    last_active_at: formatTime(lastActiveAt),
    expire_at: formatTime(expireAt),
  };
}

/** Returns what `--json` prints of an actor token. */
export function actorTokenJson({ id, userId, externalId, status, createdAt, expireAt, ...impersonation }: ActorToken) {
  const ids = { id, user_id: userId, external_id: externalId ?? null };
  return {
    ...ids,
    ...byJson(impersonation),
    status,
    created_at: formatTime(createdAt),
    expire_at: formatTime(expireAt),
  };
}

/** Returns the row of a session or an actor token in a table. */
export function rowOf(row: Session | ActorToken): readonly string[] {
  const { id, userId, actor, verified, reason, createdAt, expireAt } = row;
  const by = verified ? `by ${verified.email ?? verified.sub}` : 'not by an operator';
  const why = reason === undefined ? [] : [reason];
  return [id, userId, actor.sub, formatTime(createdAt), `until ${formatTime(expireAt)}`, by, ...why];
}
