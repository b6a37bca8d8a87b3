/**
 * Every HTTP operation of the product, and the Lambda that answers it. The stack, the local HTTP API, the tests, the OpenAPI document
 * and the table of docs/api.md read this list, so an operation that is not here does not exist.
 *
 * A Lambda is a permission profile: operations share one only when they need the same permissions (cdk/permissions.ts).
 */
import { actorTokenAnswer } from '../shared/actor-tokens/actor-token-answer.ts';
import { createActorTokenBody } from '../shared/actor-tokens/actor-token-schema.ts';
import { limits } from '../shared/base/limits.ts';
import { noParams } from '../shared/base/params.ts';
import { sessionAnswer } from '../shared/sessions/session-answer.ts';
import { backendSessionsRoutes } from './backend-sessions/routes.ts';
import { blocklistRoutes } from './blocklist/routes.ts';
import { browserSessionsRoutes } from './browser-sessions/routes.ts';
import { codes } from './codes.ts';
import { createSignInRoutes } from './create-sign-in/routes.ts';
import { fallbackRoutes } from './fallback/routes.ts';
import { httpMethodsOf, jsonAnswer, type Method, type Route } from './route.ts';
import { ticketsRoutes } from './tickets/routes.ts';
import { usersRoutes } from './users/routes.ts';

/** The longest durations that any deployment can allow. */
const maxima = {
  maxTicketLifeInSeconds: limits.ticketLifeInSeconds.max,
  maxSessionDurationInSeconds: limits.sessionMaxDurationInSeconds.max,
};

/** The Lambdas of one operation each. */
const singleRoutes = [
  {
    operation: 'CreateActorToken',
    lambda: 'create-actor-token',
    audience: 'backend',
    scope: 'create',
    method: 'POST',
    path: '/v1/actor_tokens',
    isForOperators: true,
    isRefusalCounted: true,
    summary: 'creates an actor token for a user',
    json: createActorTokenBody(maxima),
    examples: [
      {
        user_id: 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof',
        actor: { sub: 'user_support' },
        expires_in_seconds: 600,
        session_max_duration_in_seconds: 1800,
      },
    ],
    answers: jsonAnswer('The actor token, pending, with its ticket.', actorTokenAnswer),
    codes: [
      ...codes.json,
      'form_param_exceeds_allowed_size',
      'form_param_missing',
      'form_param_value_invalid',
      'form_param_value_too_large',
      'resource_not_found',
    ],
  },
  {
    operation: 'RevokeActorToken',
    lambda: 'revoke-actor-token',
    audience: 'backend',
    scope: 'revoke',
    method: 'POST',
    path: '/v1/actor_tokens/{actor_token_id}/revoke',
    isForOperators: true,
    isRefusalCounted: true,
    summary: 'revokes a pending actor token',
    json: noParams,
    answers: jsonAnswer('The actor token, revoked.', actorTokenAnswer),
    codes: [...codes.json, 'actor_token_cannot_be_revoked_code', 'resource_not_found'],
  },
  {
    operation: 'RevokeSession',
    lambda: 'revoke-session',
    audience: 'backend',
    scope: 'revoke',
    method: 'POST',
    path: '/v1/sessions/{session_id}/revoke',
    summary: 'ends a session',
    json: noParams,
    answers: jsonAnswer('The session, ended.', sessionAnswer),
    codes: [...codes.json, 'resource_not_found'],
  },
] as const satisfies readonly Route[];

/** Typed for the names of operations and Lambdas. */
const namedRoutes = [
  ...singleRoutes,
  ...createSignInRoutes,
  ...browserSessionsRoutes,
  ...backendSessionsRoutes,
  ...usersRoutes,
  ...blocklistRoutes,
  ...ticketsRoutes,
  ...fallbackRoutes,
];

type NamedRoute = (typeof namedRoutes)[number];
export type OperationId = NamedRoute['operation'];
export type LambdaName = NamedRoute['lambda'];

/** The operations of one Lambda. */
export type OperationsOf<Name extends LambdaName> = Extract<NamedRoute, { lambda: Name }>['operation'];

export const routes: readonly (Route & Pick<NamedRoute, 'operation' | 'lambda'>)[] = namedRoutes;

/**
 * The Lambda of every path and method that the list does not have: it answers 404 and 405 in the contract's form, and CORS preflights.
 * It has no permissions, so no such request causes a call to AWS.
 */
export const defaultLambda: LambdaName = 'fallback';

export interface HttpRoute {
  readonly method: Method | 'HEAD';
  readonly path: string;
  readonly lambda: LambdaName;
}

/** The pairs of method and path that the HTTP API sends to a Lambda: every path of the list above by each of its methods. */
export function httpRoutes(): readonly HttpRoute[] {
  const pairs = new Map<string, HttpRoute>();
  for (const route of routes) {
    const { path, lambda } = route;
    for (const method of httpMethodsOf(route)) pairs.set(`${method} ${path}`, { method, path, lambda });
  }
  return [...pairs.values()];
}
