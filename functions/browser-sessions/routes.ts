import * as v from 'valibot';
import { emptyPageAnswer, enveloped } from '../../shared/base/answer-schema.ts';
import { limits } from '../../shared/base/limits.ts';
import { clientAnswer } from '../../shared/sessions/client-answer.ts';
import {
  activeSessionAnswer,
  clientSessionAnswer,
  ownSessionAnswer,
  tokenAnswer,
} from '../../shared/sessions/session-answer.ts';
import { createSessionTokenForm, touchSessionForm } from '../../shared/sessions/session-schema.ts';
import { signInAnswer } from '../../shared/sign-ins/sign-in-answer.ts';
import { publicUserAnswer } from '../../shared/users/user-answer.ts';
import { codes } from '../codes.ts';
import { jsonAnswer, type Route, redirectAnswer } from '../route.ts';

const lambda = 'browser-sessions';
const audience = 'frontend';

const currentClient = jsonAnswer(
  'This browser; null for an unknown one.',
  enveloped(v.nullable(clientAnswer), v.null()),
);
const ownSession = jsonAnswer(
  'The session, and this browser; null for the browser when a live session has no token.',
  enveloped(clientSessionAnswer, v.nullable(clientAnswer)),
);
const noClient = v.pipe(v.null(), v.description('Null: a client is answered only with the token of its session.'));
const ONLY_ENTRY = 'The session of this browser, as the only entry.';
const ofOwnSession = {
  lambda,
  audience,
  answers: ownSession,
  codes: [...codes.knownClient, 'resource_not_found'],
} as const;

const ofNoOrganization = {
  lambda,
  audience,
  method: 'GET',
  answers: jsonAnswer('An empty page.', enveloped(emptyPageAnswer, noClient)),
  codes: codes.knownClient,
} as const;

const clientQuery = v.object({
  _clerk_js_version: v.optional(
    v.pipe(v.string(), v.description('Requests a session token with the session, as clerk-js does.')),
  ),
});

const handshakeQuery = v.object({
  redirect_url: v.pipe(
    v.string(),
    v.metadata({ format: 'uri', maxLength: limits.handshakeRedirectUrlBytes }),
    v.description('The page to return to, of an allowed origin.'),
  ),
  suffixed_cookies: v.optional(v.pipe(v.string(), v.description('Requests the suffixed names of cookies.'))),
});

/** The routes of the Lambda `browser-sessions`. */
export const browserSessionsRoutes = [
  {
    operation: 'GetClient',
    lambda,
    audience,
    method: 'GET',
    path: '/v1/client',
    summary: 'returns this browser and the session it is signed in to',
    query: clientQuery,
    answers: currentClient,
    codes: [],
    isForUnknownClients: true,
  },
  {
    operation: 'CreateClient',
    lambda,
    audience,
    method: 'POST',
    path: '/v1/client',
    summary: 'as GET: only a sign-in creates a client',
    query: clientQuery,
    answers: currentClient,
    codes: [],
    isForUnknownClients: true,
  },
  {
    operation: 'PutClient',
    lambda,
    audience,
    method: 'PUT',
    path: '/v1/client',
    summary: 'as GET: only a sign-in creates a client',
    query: clientQuery,
    answers: currentClient,
    codes: [],
    isForUnknownClients: true,
  },
  {
    operation: 'DeleteClient',
    lambda,
    audience,
    method: 'DELETE',
    path: '/v1/client',
    summary: 'signs this browser out and deletes its cookie',
    answers: jsonAnswer('Nothing. The answer deletes the cookies.', enveloped(v.null(), v.null())),
    codes: codes.knownClient,
    isForUnknownClients: true,
  },
  {
    operation: 'Handshake',
    lambda,
    audience,
    method: 'GET',
    path: '/v1/client/handshake',
    summary: 'redirects back to a server-rendered page, with a new session token or signed out',
    query: handshakeQuery,
    answers: redirectAnswer(307, 'Back to the page, with `__clerk_handshake`.'),
    codes: ['invalid_handshake', 'not_allowed_access', 'resource_not_found'],
    isForUnknownClients: true,
  },
  {
    operation: 'GetSignIn',
    lambda,
    audience,
    method: 'GET',
    path: '/v1/client/sign_ins/{sign_in_id}',
    summary: 'returns the sign-in that started the session of this browser',
    answers: jsonAnswer('The sign-in.', enveloped(signInAnswer, noClient)),
    codes: [...codes.knownClient, 'resource_not_found'],
  },
  {
    operation: 'RemoveClientSessions',
    lambda,
    audience,
    method: 'DELETE',
    path: '/v1/client/sessions',
    summary: 'signs this browser out',
    answers: jsonAnswer('This browser, signed out.', enveloped(clientAnswer, v.null())),
    codes: codes.knownClient,
  },
  {
    operation: 'GetClientSession',
    ...ofOwnSession,
    answers: jsonAnswer('The session.', enveloped(clientSessionAnswer, noClient)),
    method: 'GET',
    path: '/v1/client/sessions/{session_id}',
    summary: 'returns a session of this browser; never signs, never counts as activity',
  },
  {
    operation: 'CreateSessionToken',
    lambda,
    audience,
    method: 'POST',
    path: '/v1/client/sessions/{session_id}/tokens',
    summary: 'creates a 60-second session token',
    form: createSessionTokenForm,
    answers: jsonAnswer('The session token.', tokenAnswer),
    codes: [...codes.form, ...codes.knownClient, 'resource_not_found'],
  },
  {
    operation: 'TouchSession',
    ...ofOwnSession,
    method: 'POST',
    path: '/v1/client/sessions/{session_id}/touch',
    summary: 'records that the user is active',
    form: touchSessionForm,
    codes: [...ofOwnSession.codes, ...codes.form, 'form_param_duplicate', 'organization_not_found_or_unauthorized'],
  },
  {
    operation: 'EndSession',
    ...ofOwnSession,
    method: 'POST',
    path: '/v1/client/sessions/{session_id}/end',
    summary: 'ends a session of this browser',
  },
  {
    operation: 'RemoveSession',
    ...ofOwnSession,
    method: 'POST',
    path: '/v1/client/sessions/{session_id}/remove',
    summary: 'ends a session of this browser and removes it from the client',
  },
  {
    operation: 'GetMe',
    lambda,
    audience,
    method: 'GET',
    path: '/v1/me',
    summary: 'returns the user this browser is signed in as',
    answers: jsonAnswer('The user.', enveloped(publicUserAnswer, noClient)),
    codes: codes.knownClient,
  },
  {
    operation: 'ListMySessions',
    lambda,
    audience,
    method: 'GET',
    path: '/v1/me/sessions',
    summary: 'lists the session of this browser',
    answers: jsonAnswer(ONLY_ENTRY, v.array(ownSessionAnswer)),
    codes: codes.knownClient,
  },
  {
    operation: 'ListMyActiveSessions',
    lambda,
    audience,
    method: 'GET',
    path: '/v1/me/sessions/active',
    summary: 'lists the session of this browser, without its user',
    answers: jsonAnswer(ONLY_ENTRY, v.array(activeSessionAnswer)),
    codes: codes.knownClient,
  },
  {
    operation: 'ListMyOrganizationMemberships',
    ...ofNoOrganization,
    path: '/v1/me/organization_memberships',
    summary: 'lists the organizations of the user: none, because there are no organizations',
  },
  {
    operation: 'ListMyOrganizationInvitations',
    ...ofNoOrganization,
    path: '/v1/me/organization_invitations',
    summary: 'lists the invitations of the user to organizations: none',
  },
  {
    operation: 'ListMyOrganizationSuggestions',
    ...ofNoOrganization,
    path: '/v1/me/organization_suggestions',
    summary: 'lists the organizations that are suggested to the user: none',
  },
] as const satisfies readonly Route[];
