/**
 * A session: a signed-in stay of one browser as one user, started by redeeming an actor token.
 *
 * Its end is written once (`endStatus`, `endedAt`) and never taken back. Its status is derived: it is `active` while nobody
 * ended it and both limits lie ahead — ten minutes after the last activity, and `expireAt`, which never moves. A session
 * that passed a limit before it was ended is `expired`, whatever was written afterwards.
 */
import type { Actor } from '../actor-tokens/actor-token.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { ActorTokenId, ClientId, SessionId, UserId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { type EpochMs, earliest, plusSeconds } from '../base/time.ts';
import type { PresentedClient } from '../clients/client.ts';

/** Statuses somebody causes. `expired` is not among them: time causes it. */
export type EndStatus = 'ended' | 'removed' | 'revoked';
export type SessionStatus = 'active' | 'expired' | EndStatus;

/** Why a session ended, for the record. */
export type EndCause = 'end' | 'remove' | 'sign_out' | 'sign_in' | 'backend_revoke' | 'user_banned' | 'user_deleted';

export interface Session {
  readonly id: SessionId;
  readonly clientId: ClientId;
  /** SHA-256 of the client's secret at sign-in. A client's secret changes with every sign-in, so it names one session. */
  readonly clientSecretHash: string;
  readonly userId: UserId;
  readonly actor: Actor;
  readonly actorTokenId: ActorTokenId;
  readonly generation: number;
  readonly createdAt: EpochMs;
  readonly expireAt: EpochMs;
  readonly lastActiveAt: EpochMs;
  /** Origin of the page that signed in. */
  readonly origin: string | undefined;
  readonly endStatus: EndStatus | undefined;
  readonly endedAt: EpochMs | undefined;
}

/** When the session is over unless its user becomes active again. */
export function naturalEnd(session: Session): EpochMs {
  return earliest(session.expireAt, plusSeconds(session.lastActiveAt, limits.inactivityInSeconds));
}

/** No session that began by then can be live: none lasts longer than the longest duration a token may ask for. */
export function oldestLive(now: EpochMs): EpochMs {
  return plusSeconds(now, -limits.sessionMaxDuration.max);
}

/** Pure; `now` decides. Active while `now < naturalEnd` and nobody ended it. */
export function statusAt(session: Session, now: EpochMs): SessionStatus {
  const end = naturalEnd(session);
  if (session.endStatus && session.endedAt !== undefined) return session.endedAt < end ? session.endStatus : 'expired';
  return now < end ? 'active' : 'expired';
}

/**
 * The error with which a browser must be refused the use of a session, or undefined. A session of another browser looks like
 * one that does not exist; a dead one of this browser, or one replaced in another tab, signs the tab out. Pure.
 */
export function whyNotUsable(
  session: Session | undefined,
  { client, generation, now }: { readonly client: PresentedClient; readonly generation: number; readonly now: EpochMs },
): ErrorCode | undefined {
  if (!session || session.generation !== generation || session.clientId !== client.id) return 'resource_not_found';
  const isLive = statusAt(session, now) === 'active';
  return isLive && session.clientSecretHash === client.secretHash ? undefined : 'authentication_invalid';
}
