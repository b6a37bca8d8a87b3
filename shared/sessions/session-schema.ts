// The parameters of requests about sessions, and sessions as they are answered.
import * as v from 'valibot';
import { actorAnswer } from '../actor-tokens/actor-token-schema.ts';
import { count, idOf, jwt, resource, timestamp } from '../base/answer-schema.ts';
import type { Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { siblingId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { integerBetween, parseParams } from '../base/params.ts';
import { DAY_IN_SECONDS, earliest, plusSeconds } from '../base/time.ts';
import { pageParams, queryObject } from '../base/url-params.ts';
import { factorVerificationAge } from '../signing/session-token.ts';
import type { User } from '../users/user.ts';
import { publicUserAnswer, publicUserDataAnswer, publicUserDataJson, publicUserJson } from '../users/user-schema.ts';
import type { ListSessions } from './list-sessions.ts';
import { naturalEnd, type Session, statusAt } from './session.ts';

const STATUSES = ['abandoned', 'active', 'ended', 'expired', 'pending', 'removed', 'replaced', 'revoked'] as const;

export const listSessionsQuery = v.strictObject({
  user_id: v.optional(v.string()),
  client_id: v.optional(v.string()),
  status: v.optional(v.picklist(STATUSES, `must be one of ${STATUSES.join(', ')}`)),
  paginated: v.optional(v.picklist(['true', 'false'], 'must be true or false')),
  ...pageParams,
});

interface ListSessionsQuery extends ListSessions {
  readonly paginated: boolean;
}

/**
 * Reads the query of `GET /v1/sessions`.
 *
 * @throws `missing_query_parameter` without a user or client; the `form_param_…` codes of `parseParams`
 */
export function parseListSessions(query: URLSearchParams): ListSessionsQuery {
  const params = parseParams(listSessionsQuery, queryObject(query));
  if (params.user_id === undefined && params.client_id === undefined) {
    const sentence = 'Either of the query parameters user_id and client_id must be provided.';
    throw new ApiError({ code: 'missing_query_parameter', sentence });
  }
  const { user_id: userId, client_id: clientId, status, limit, offset } = params;
  return { userId, clientId, status, limit, offset, paginated: params.paginated === 'true' };
}

export const createBackendSessionTokenBody = v.strictObject({
  expires_in_seconds: v.nullish(integerBetween(limits.backendTokenLifeInSeconds), limits.sessionTokenLifeInSeconds),
});

/**
 * Reads the body of `POST /v1/sessions/{session_id}/tokens`.
 *
 * @throws the `form_param_…` codes of `parseParams`
 */
export function parseCreateBackendSessionToken(body: unknown): { readonly lifeInSeconds: number } {
  return { lifeInSeconds: parseParams(createBackendSessionTokenBody, body).expires_in_seconds };
}

export const createSessionTokenForm = v.object({
  tab_state: v.optional(
    v.pipe(
      v.string(),
      v.description('State of the page. Only `focused` and `visible` count as activity, as does no state.'),
    ),
  ),
});

/** True when the page that asks for a session token is being looked at. clerk-js sends the state; callers without one are active. */
export function isActiveTab(form: URLSearchParams): boolean {
  const tabState = form.get('tab_state');
  return tabState === null || tabState === '' || tabState === 'focused' || tabState === 'visible';
}

const commonEntries = {
  object: v.literal('session'),
  id: idOf('sess'),
  status: v.picklist(['active', 'ended', 'expired', 'removed', 'revoked']),
  expire_at: timestamp,
  abandon_at: timestamp,
  last_active_at: timestamp,
  last_active_organization_id: v.null(),
  actor: actorAnswer,
  tasks: v.null(),
  created_at: timestamp,
  updated_at: timestamp,
};

export const sessionActivityAnswer = resource('session_activity', { id: idOf('sact'), is_mobile: v.literal(false) });

/** A session as servers see it. */
export const sessionAnswer = v.strictObject({
  ...commonEntries,
  user_id: idOf('user'),
  client_id: idOf('client'),
  latest_activity: v.nullable(sessionActivityAnswer),
});

export const sessionPageAnswer = v.strictObject({ data: v.array(sessionAnswer), total_count: count });

export const tokenAnswer = resource('token', { jwt: v.pipe(jwt, v.description('A session token.')) });

/** A session as its browser sees it. */
export const clientSessionAnswer = v.strictObject({
  ...commonEntries,
  user: v.nullable(publicUserAnswer),
  public_user_data: v.nullable(publicUserDataAnswer),
  factor_verification_age: v.pipe(
    v.strictTuple([count, v.literal(-1)]),
    v.metadata({ minItems: 2, maxItems: 2 }),
    v.description('Minutes since the first and the second factor; the ticket stands for the first.'),
  ),
  last_active_token: v.nullable(tokenAnswer),
});

/** A fixed, published offset; it is not the end of a session here. Source: Clerk's public OpenAPI document. */
const ABANDON_AFTER_IN_SECONDS = 30 * DAY_IN_SECONDS;

function commonJson(
  session: Session,
  call: Call,
): v.InferOutput<v.StrictObjectSchema<typeof commonEntries, undefined>> {
  const status = statusAt(session, call);
  const end = earliest(naturalEnd(session, call.instance), session.endedAt ?? call.now);
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
    updated_at: status === 'active' ? session.lastActiveAt : end,
  };
}

export function sessionJson(session: Session, call: Call): v.InferOutput<typeof sessionAnswer> {
  return { ...commonJson(session, call), user_id: session.userId, client_id: session.clientId, latest_activity: null };
}

/** A session as its browser's account page lists it. Browsers are not shown where it was used. */
export function ownSessionJson(session: Session, call: Call): v.InferOutput<typeof sessionAnswer> {
  const id = siblingId('sact', session.id);
  return { ...sessionJson(session, call), latest_activity: { object: 'session_activity', id, is_mobile: false } };
}

export function tokenJson(sessionToken: string): v.InferOutput<typeof tokenAnswer> {
  return { object: 'token', jwt: sessionToken };
}

/** A session that an answer shows to its browser. */
export interface ShownSession {
  readonly session: Session;
  /** Undefined when the user could not be read to be shown. */
  readonly user: User | undefined;
  readonly sessionToken?: string | undefined;
}

export function clientSessionJson(
  { session, user, sessionToken }: ShownSession,
  call: Call,
): v.InferOutput<typeof clientSessionAnswer> {
  return {
    ...commonJson(session, call),
    user: user ? publicUserJson(user) : null,
    public_user_data: user ? publicUserDataJson(user) : null,
    factor_verification_age: factorVerificationAge(session.createdAt, call.now),
    last_active_token: sessionToken === undefined ? null : tokenJson(sessionToken),
  };
}
