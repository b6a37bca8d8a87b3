// Reads the parameters of requests about sessions, and writes sessions as they are answered.
import * as v from 'valibot';
import type { BrowserCall, Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { siblingId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { integerBetween, parseParams } from '../base/params.ts';
import { DAY_IN_SECONDS, earliest, plusSeconds } from '../base/time.ts';
import { pageParams, parseForm, queryBoolean, queryObject } from '../base/url-params.ts';
import { deviceOf } from '../base/user-agent.ts';
import { factorVerificationAge } from '../signing/factor-verification-age.ts';
import type { User } from '../users/user.ts';
import { publicUserDataJson, publicUserJson } from '../users/user-schema.ts';
import type { ListSessions } from './list-sessions.ts';
import { naturalEnd, type Session, statusAt } from './session.ts';
import type {
  activeSessionAnswer,
  clientSessionAnswer,
  commonSessionAnswer,
  ownSessionAnswer,
  sessionActivityAnswer,
  sessionAnswer,
  tokenAnswer,
} from './session-answer.ts';

const STATUSES = ['abandoned', 'active', 'ended', 'expired', 'pending', 'removed', 'replaced', 'revoked'] as const;

export const listSessionsQuery = v.strictObject({
  user_id: v.optional(v.pipe(v.string(), v.description('The id of the user, or the external id.'))),
  client_id: v.optional(v.pipe(v.string(), v.description('The id of the client.'))),
  actor_sub: v.optional(
    v.pipe(
      v.string(),
      v.description('The `sub` of the actor. Without `user_id` and `client_id`, only active sessions are listed.'),
    ),
  ),
  status: v.optional(
    v.pipe(
      v.picklist(STATUSES, `must be one of ${STATUSES.join(', ')}`),
      v.description('The status that the sessions have.'),
    ),
  ),
  paginated: v.optional(
    v.pipe(queryBoolean, v.description('If true, the answer has `data` and `total_count`, and is no bare list.')),
  ),
  ...pageParams,
});

interface ListSessionsQuery extends ListSessions {
  readonly paginated: boolean;
}

/**
 * Reads the query of `GET /v1/sessions`.
 *
 * @throws `missing_query_parameter` without a user, client or actor, unless all active sessions are asked for; the `form_param_…` codes of
 * `parseParams`
 */
export function parseListSessions(query: URLSearchParams): ListSessionsQuery {
  const params = parseParams(listSessionsQuery, queryObject(query));
  const isOfSomebody = [params.user_id, params.client_id, params.actor_sub].some((given) => given !== undefined);
  if (!isOfSomebody && params.status !== 'active') {
    const sentence =
      'One of user_id, client_id and actor_sub must be provided, or status=active for all active sessions.';
    throw new ApiError({ code: 'missing_query_parameter', sentence });
  }
  const { user_id: userId, client_id: clientId, actor_sub: actorSub, status, limit, offset } = params;
  return { userId, clientId, actorSub, status, limit, offset, paginated: params.paginated ?? false };
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
      v.metadata({ examples: ['focused'] }),
      v.description('State of the page. Only `focused` and `visible` count as activity, as does no state.'),
    ),
  ),
});

/** True when the page that requests a session token is in the foreground. clerk-js sends the state; callers without one are active. */
export function isActiveTab(form: URLSearchParams): boolean {
  const tabState = form.get('tab_state');
  return tabState === null || tabState === '' || tabState === 'focused' || tabState === 'visible';
}

export const touchSessionForm = v.object({
  active_organization_id: v.optional(
    v.pipe(
      v.string(),
      v.metadata({ examples: [''] }),
      v.description('The organization to activate. There is none here, so only the empty value is accepted.'),
    ),
  ),
});

/**
 * Checks the form of `POST /v1/client/sessions/{session_id}/touch`. An organization is refused, because a page that activated it would
 * believe that its session tokens name it.
 *
 * @throws `form_param_duplicate`, `organization_not_found_or_unauthorized`
 */
export function checkTouchSession(form: URLSearchParams): void {
  const { active_organization_id: organization } = parseForm(touchSessionForm, form);
  if (organization !== undefined) throw new ApiError('organization_not_found_or_unauthorized');
}

/** A published, fixed value. Sessions of this product end earlier. Source: Clerk's public OpenAPI document. */
const ABANDON_AFTER_IN_SECONDS = 30 * DAY_IN_SECONDS;

function commonJson(session: Session, call: Call): v.InferOutput<typeof commonSessionAnswer> {
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
    created_at: session.createdAt,
    updated_at: status === 'active' ? session.lastActiveAt : end,
  };
}

/** The `session` object of the Backend API. */
export function sessionJson(session: Session, call: Call): v.InferOutput<typeof sessionAnswer> {
  return { ...commonJson(session, call), user_id: session.userId, client_id: session.clientId, latest_activity: null };
}

/**
 * The activity of a session is the request that asks for it: a browser sees its own address and nobody else's, and nothing that is stored
 * about the sign-in.
 */
function activityJson({ id }: Session, { caller }: BrowserCall): v.InferOutput<typeof sessionActivityAnswer> {
  const { browserName, browserVersion, type, isMobile } = deviceOf(caller.userAgent);
  return {
    object: 'session_activity',
    id: siblingId('sact', id),
    ...(type && { device_type: type }),
    is_mobile: isMobile,
    ...(browserName && { browser_name: browserName }),
    ...(browserVersion && { browser_version: browserVersion }),
    ip_address: caller.sourceIp,
  };
}

/** The `session` object in the list of a browser's own sessions that are active. */
export function activeSessionJson(session: Session, call: BrowserCall): v.InferOutput<typeof activeSessionAnswer> {
  return { ...sessionJson(session, call), latest_activity: activityJson(session, call) };
}

/** The `token` object, which holds a session token. */
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

/** The `session` object of the Frontend API. */
export function clientSessionJson(
  { session, user, sessionToken }: ShownSession,
  call: Call,
): v.InferOutput<typeof clientSessionAnswer> {
  return {
    ...commonJson(session, call),
    tasks: null,
    user: user ? publicUserJson(user) : null,
    public_user_data: user ? publicUserDataJson(user) : null,
    factor_verification_age: factorVerificationAge(session.createdAt, call.now),
    last_active_token: sessionToken === undefined ? null : tokenJson(sessionToken),
  };
}

/** The `session` object in the list of a browser's own sessions. */
export function ownSessionJson(shown: ShownSession, call: BrowserCall): v.InferOutput<typeof ownSessionAnswer> {
  return { ...clientSessionJson(shown, call), latest_activity: activityJson(shown.session, call) };
}
