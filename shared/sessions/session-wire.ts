import { ApiError } from '../base/errors.ts';
import { parseParams } from '../base/params.ts';
import { DAY_IN_SECONDS, type EpochMs, earliest, plusSeconds } from '../base/time.ts';
import { queryObject } from '../base/url-params.ts';
import { factorVerificationAge } from '../signing/session-token.ts';
import type { User } from '../users/user.ts';
import { publicUserDataJson, publicUserJson } from '../users/user-wire.ts';
import type { ListSessions } from './list-sessions.ts';
import { naturalEnd, type Session, statusAt } from './session.ts';
import { createBackendSessionTokenBody, listSessionsQuery } from './session-schema.ts';

/** A fixed, published offset; it is not when a session of ours ends. Source: Clerk's public OpenAPI document. */
const ABANDON_AFTER_IN_SECONDS = 30 * DAY_IN_SECONDS;

export interface ListSessionsQuery extends ListSessions {
  readonly paginated: boolean;
}

/** @throws `missing_query_parameter` without a user or client; the `form_param_…` codes of `parseParams` */
export function parseListSessions(query: URLSearchParams): ListSessionsQuery {
  const params = parseParams(listSessionsQuery, queryObject(query));
  if (params.user_id === undefined && params.client_id === undefined) {
    const sentence = 'Either of the query parameters user_id and client_id must be provided.';
    throw new ApiError({ code: 'missing_query_parameter', sentence });
  }
  const { user_id: userId, client_id: clientId, status, limit, offset } = params;
  return { userId, clientId, status, limit, offset, paginated: params.paginated === 'true' };
}

/** @throws the `form_param_…` codes of `parseParams` */
export function parseCreateBackendSessionToken(body: unknown): { readonly lifeInSeconds: number } {
  return { lifeInSeconds: parseParams(createBackendSessionTokenBody, body).expires_in_seconds };
}

/** Whether the page that asks for a session token is being looked at. clerk-js says so; callers that do not say are active. */
export function isActiveTab(tabState: string | null): boolean {
  return tabState === null || tabState === '' || tabState === 'focused' || tabState === 'visible';
}

function commonJson(session: Session, now: EpochMs) {
  const status = statusAt(session, now);
  const over = status === 'active' ? session.lastActiveAt : earliest(naturalEnd(session), session.endedAt ?? now);
  return {
    object: 'session',
    id: session.id,
    status,
    expire_at: session.expireAt,
    abandon_at: plusSeconds(session.createdAt, ABANDON_AFTER_IN_SECONDS),
    last_active_at: session.lastActiveAt,
    last_active_organization_id: null,
    actor: session.actor,
    tasks: null,
    created_at: session.createdAt,
    updated_at: over,
  } as const;
}

/** What the Backend API shows of a session. */
export function sessionJson(session: Session, now: EpochMs) {
  return { ...commonJson(session, now), user_id: session.userId, client_id: session.clientId, latest_activity: null };
}

/** Where a session was used, which is not told to browsers: only that it was. */
export function sessionActivityJson(session: Session) {
  return { object: 'session_activity', id: session.id.replace('sess_', 'sact_'), is_mobile: false } as const;
}

export interface ShownSession {
  readonly session: Session;
  readonly user: User | undefined;
  readonly sessionToken?: string | undefined;
}

/** The bare `token` object. */
export function tokenJson(sessionToken: string) {
  return { object: 'token', jwt: sessionToken } as const;
}

/** What the Frontend API shows of a session. */
export function clientSessionJson({ session, user, sessionToken }: ShownSession, now: EpochMs) {
  return {
    ...commonJson(session, now),
    user: user ? publicUserJson(user) : null,
    public_user_data: user ? publicUserDataJson(user) : null,
    factor_verification_age: factorVerificationAge(session.createdAt, now),
    last_active_token: sessionToken === undefined ? null : tokenJson(sessionToken),
  };
}
