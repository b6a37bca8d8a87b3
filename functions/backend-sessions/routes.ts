import * as v from 'valibot';
import { sessionAnswer, sessionPageAnswer, tokenAnswer } from '../../shared/sessions/session-answer.ts';
import { createBackendSessionTokenBody, listSessionsQuery } from '../../shared/sessions/session-schema.ts';
import { jwksAnswer } from '../../shared/signing/jwks-answer.ts';
import { codes } from '../codes.ts';
import { jsonAnswer, type Route } from '../route.ts';
import { testingTokenAnswer } from './answers.ts';

const lambda = 'backend-sessions';
const audience = 'backend';

/** The routes of the Lambda `backend-sessions`. */
export const backendSessionsRoutes = [
  {
    operation: 'ListSessions',
    lambda,
    audience,
    scope: 'read',
    method: 'GET',
    path: '/v1/sessions',
    summary:
      'lists the sessions of a user or of a client, or the active ones of an actor or of everybody, newest first',
    query: listSessionsQuery,
    answers: jsonAnswer(
      'A list, or with `paginated=true` a page.',
      v.union([v.array(sessionAnswer), sessionPageAnswer]),
    ),
    codes: [...codes.query, 'missing_query_parameter'],
  },
  {
    operation: 'GetSession',
    lambda,
    audience,
    scope: 'read',
    method: 'GET',
    path: '/v1/sessions/{session_id}',
    summary: 'returns a session',
    answers: jsonAnswer('The session.', sessionAnswer),
    codes: ['resource_not_found'],
  },
  {
    operation: 'CreateBackendSessionToken',
    lambda,
    audience,
    scope: 'create',
    method: 'POST',
    path: '/v1/sessions/{session_id}/tokens',
    summary: 'creates a session token for a server; does not count as activity',
    json: createBackendSessionTokenBody,
    answers: jsonAnswer('The session token.', tokenAnswer),
    codes: [...codes.json, 'form_param_value_invalid', 'form_param_value_too_large', 'resource_not_found'],
  },
  {
    operation: 'GetBackendJwks',
    lambda,
    audience,
    // These keys are public, and every server that verifies session tokens needs them.
    scope: 'any',
    method: 'GET',
    path: '/v1/jwks',
    summary: 'returns the public keys that verify session tokens',
    answers: jsonAnswer('The keys (RFC 7517).', jwksAnswer),
    codes: [],
  },
  {
    operation: 'CreateTestingToken',
    lambda,
    audience,
    // The token opens nothing.
    scope: 'any',
    method: 'POST',
    path: '/v1/testing_tokens',
    summary:
      'returns a testing token for `@clerk/testing`; it opens nothing, because nothing here is protected against bots',
    answers: jsonAnswer('The testing token.', testingTokenAnswer),
    codes: [],
  },
] as const satisfies readonly Route[];
