/**
 * A session: a browser's stay as one user, started by redeeming an actor token.
 *
 * Its end is written once (`endStatus`, `endedAt`) and never changed. Its status is derived. It is `active` until it is ended or a limit
 * passes. The limits are ten minutes after the last activity, and `expireAt`, which never changes. A session that passed a limit before
 * it was ended is `expired`, even if an end was written later.
 *
 * A session is *usable* by the browser that holds its secret while it is active. It is *live* when, in addition, its user is neither
 * deleted nor banned and has the same external id, its actor token proves it, and neither the blocklist nor the policy refuses it
 * (verdict.ts).
 */
import type { Acceptance, ActorToken, Impersonation } from '../actor-tokens/actor-token.ts';
import type { Call } from '../base/call.ts';
import type { ActorTokenId, ClientId, SessionId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { type EpochMs, earliest, plusSeconds } from '../base/time.ts';
import type { PresentedClient } from '../clients/client.ts';

/** The statuses of a session that was ended. `expired` is not among them: it follows from the time. */
export type EndStatus = 'ended' | 'removed' | 'revoked';
type SessionStatus = 'active' | 'expired' | EndStatus;

export interface Session extends Impersonation {
  readonly id: SessionId;
  readonly clientId: ClientId;
  /** SHA-256 of the client's secret at sign-in. A client's secret changes with every sign-in, so it belongs to one session. */
  readonly clientSecretHash: string;
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

/** The members of a session that follow from the actor token and never change. */
export type Granted = Omit<Session, 'lastActiveAt' | 'origin' | 'endStatus' | 'endedAt'>;

/**
 * The session that a redemption grants. It ends when the duration that the actor token permits is over, counted from the redemption,
 * and never later than if the ticket had been redeemed at its last moment.
 */
export function grantedSession(token: ActorToken, acceptance: Acceptance): Granted {
  const { id, userId, externalId, actor, verified, reason, rule, generation, expireAt } = token;
  const { at, sessionId, clientId, clientSecretHash } = acceptance;
  return {
    id: sessionId,
    clientId,
    clientSecretHash,
    userId,
    externalId,
    actor,
    verified,
    reason,
    rule,
    actorTokenId: id,
    generation,
    createdAt: at,
    expireAt: plusSeconds(earliest(at, expireAt), token.sessionMaxDurationInSeconds),
  };
}

/** The instant at which the session expires if there is no further activity. */
export function naturalEnd(session: Session, { inactivityInSeconds }: Call['instance']): EpochMs {
  return earliest(session.expireAt, plusSeconds(session.lastActiveAt, inactivityInSeconds));
}

/** A session with an earlier last activity is expired. */
export function earliestActivity({ instance, now }: Call): EpochMs {
  return plusSeconds(now, -instance.inactivityInSeconds);
}

/** A session that started at this instant or before cannot be active: none is longer than the longest duration of an actor token. */
export function oldestActive(now: EpochMs): EpochMs {
  return plusSeconds(now, -limits.sessionMaxDurationInSeconds.max);
}

/**
 * The page that a session token names (`azp`): the page that requests it, else the page that signed in. Where neither is a page, such as
 * with curl, it is the Frontend API itself, so that an app does not take the token for one of its own pages; or none where native
 * applications are allowed, which have no page.
 */
export function pageOf(
  session: Pick<Session, 'origin'>,
  requestOrigin: string | undefined,
  { frontendApiUrl, nativeClients }: Call['instance'],
): string | undefined {
  return requestOrigin ?? session.origin ?? (nativeClients ? undefined : new URL(frontendApiUrl).origin);
}

/** The status at `now`: `active` while `now < naturalEnd` and no end is stored. An end that is stored without its time is one now. */
export function statusAt(session: Session, { instance, now }: Call): SessionStatus {
  const end = naturalEnd(session, instance);
  if (session.endStatus) return (session.endedAt ?? now) < end ? session.endStatus : 'expired';
  return now < end ? 'active' : 'expired';
}

function isOfBrowser(session: Session, presented: PresentedClient, { instance }: Call): boolean {
  return session.generation === instance.generation && session.clientId === presented.id;
}

/** True when the browser may use the session: it is active, and this browser presents the secret of the sign-in that started it. */
export function isUsable(session: Session | undefined, presented: PresentedClient, call: Call): session is Session {
  if (!session || !isOfBrowser(session, presented, call)) return false;
  return statusAt(session, call) === 'active' && session.clientSecretHash === presented.secretHash;
}

/**
 * The error for a session that `isUsable` refuses. A session of another browser looks like one that does not exist; a session of this
 * browser that ended, or was replaced in another tab, signs the tab out.
 */
export function whyNotUsable(
  session: Session | undefined,
  presented: PresentedClient,
  call: Call,
): 'resource_not_found' | 'authentication_invalid' {
  return session && isOfBrowser(session, presented, call) ? 'authentication_invalid' : 'resource_not_found';
}
