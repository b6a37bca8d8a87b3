/**
 * Every HTTP operation of the product, and the Lambda that answers it. The stack, the local HTTP API, the tests and the
 * README's API table all read this list, so an operation that is not here does not exist.
 *
 * A Lambda is a permission profile: operations share one only when they may do the same things (cdk/permissions.ts).
 */

/** Who calls: a server with a secret key, a browser with its client cookie, or anyone. */
export type Audience = 'backend' | 'frontend' | 'public';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Route {
  readonly operation: string;
  /** The Lambda, and the name of its entry file in this folder. */
  readonly lambda: string;
  readonly audience: Audience;
  readonly method: Method;
  readonly path: string;
}

export const routes = [
  {
    operation: 'CreateActorToken',
    lambda: 'create-actor-token',
    audience: 'backend',
    method: 'POST',
    path: '/v1/actor_tokens',
  },
  {
    operation: 'RevokeActorToken',
    lambda: 'revoke-actor-token',
    audience: 'backend',
    method: 'POST',
    path: '/v1/actor_tokens/{actor_token_id}/revoke',
  },
  {
    operation: 'CreateSignIn',
    lambda: 'create-sign-in',
    audience: 'frontend',
    method: 'POST',
    path: '/v1/client/sign_ins',
  },
  {
    operation: 'GetClient',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'GET',
    path: '/v1/client',
  },
  {
    operation: 'CreateClient',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'POST',
    path: '/v1/client',
  },
  {
    operation: 'PutClient',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'PUT',
    path: '/v1/client',
  },
  {
    operation: 'DeleteClient',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'DELETE',
    path: '/v1/client',
  },
  {
    operation: 'Handshake',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'GET',
    path: '/v1/client/handshake',
  },
  {
    operation: 'GetSignIn',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'GET',
    path: '/v1/client/sign_ins/{sign_in_id}',
  },
  {
    operation: 'RemoveClientSessions',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'DELETE',
    path: '/v1/client/sessions',
  },
  {
    operation: 'GetClientSession',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'GET',
    path: '/v1/client/sessions/{session_id}',
  },
  {
    operation: 'CreateSessionToken',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'POST',
    path: '/v1/client/sessions/{session_id}/tokens',
  },
  {
    operation: 'TouchSession',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'POST',
    path: '/v1/client/sessions/{session_id}/touch',
  },
  {
    operation: 'EndSession',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'POST',
    path: '/v1/client/sessions/{session_id}/end',
  },
  {
    operation: 'RemoveSession',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'POST',
    path: '/v1/client/sessions/{session_id}/remove',
  },
  {
    operation: 'GetMe',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'GET',
    path: '/v1/me',
  },
  {
    operation: 'ListMySessions',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'GET',
    path: '/v1/me/sessions',
  },
  {
    operation: 'ListMyActiveSessions',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'GET',
    path: '/v1/me/sessions/active',
  },
  {
    operation: 'ListSessions',
    lambda: 'backend-sessions',
    audience: 'backend',
    method: 'GET',
    path: '/v1/sessions',
  },
  {
    operation: 'GetSession',
    lambda: 'backend-sessions',
    audience: 'backend',
    method: 'GET',
    path: '/v1/sessions/{session_id}',
  },
  {
    operation: 'RevokeSession',
    lambda: 'revoke-session',
    audience: 'backend',
    method: 'POST',
    path: '/v1/sessions/{session_id}/revoke',
  },
  {
    operation: 'CreateBackendSessionToken',
    lambda: 'backend-sessions',
    audience: 'backend',
    method: 'POST',
    path: '/v1/sessions/{session_id}/tokens',
  },
  {
    operation: 'GetBackendJwks',
    lambda: 'backend-sessions',
    audience: 'backend',
    method: 'GET',
    path: '/v1/jwks',
  },
  {
    operation: 'CreateUser',
    lambda: 'users',
    audience: 'backend',
    method: 'POST',
    path: '/v1/users',
  },
  {
    operation: 'ListUsers',
    lambda: 'users',
    audience: 'backend',
    method: 'GET',
    path: '/v1/users',
  },
  {
    operation: 'CountUsers',
    lambda: 'users',
    audience: 'backend',
    method: 'GET',
    path: '/v1/users/count',
  },
  {
    operation: 'GetUser',
    lambda: 'users',
    audience: 'backend',
    method: 'GET',
    path: '/v1/users/{user_id}',
  },
  {
    operation: 'DeleteUser',
    lambda: 'users',
    audience: 'backend',
    method: 'DELETE',
    path: '/v1/users/{user_id}',
  },
  {
    operation: 'BanUser',
    lambda: 'users',
    audience: 'backend',
    method: 'POST',
    path: '/v1/users/{user_id}/ban',
  },
  {
    operation: 'UnbanUser',
    lambda: 'users',
    audience: 'backend',
    method: 'POST',
    path: '/v1/users/{user_id}/unban',
  },
  {
    operation: 'GetEnvironment',
    lambda: 'fallback',
    audience: 'frontend',
    method: 'GET',
    path: '/v1/environment',
  },
  {
    operation: 'UpdateEnvironment',
    lambda: 'fallback',
    audience: 'frontend',
    method: 'PATCH',
    path: '/v1/environment',
  },
  {
    operation: 'CreateSignUp',
    lambda: 'tickets',
    audience: 'frontend',
    method: 'POST',
    path: '/v1/client/sign_ups',
  },
  {
    operation: 'CreateDevBrowser',
    lambda: 'fallback',
    audience: 'frontend',
    method: 'POST',
    path: '/v1/dev_browser',
  },
  {
    operation: 'RedirectScript',
    lambda: 'fallback',
    audience: 'public',
    method: 'GET',
    path: '/npm/{proxy+}',
  },
  {
    operation: 'AcceptTicket',
    lambda: 'tickets',
    audience: 'public',
    method: 'GET',
    path: '/v1/tickets/accept',
  },
  {
    operation: 'GetImpersonationBanner',
    lambda: 'fallback',
    audience: 'public',
    method: 'GET',
    path: '/v1/impersonation-banner.js',
  },
  {
    operation: 'GetJwks',
    lambda: 'tickets',
    audience: 'public',
    method: 'GET',
    path: '/.well-known/jwks.json',
  },
  {
    operation: 'GetOpenidConfiguration',
    lambda: 'fallback',
    audience: 'public',
    method: 'GET',
    path: '/.well-known/openid-configuration',
  },
  {
    operation: 'GetOpenapi',
    lambda: 'fallback',
    audience: 'public',
    method: 'GET',
    path: '/v1/openapi.json',
  },
  {
    operation: 'GetHealth',
    lambda: 'fallback',
    audience: 'public',
    method: 'GET',
    path: '/v1/health',
  },
] as const satisfies readonly Route[];

export type OperationId = (typeof routes)[number]['operation'];
export type LambdaName = (typeof routes)[number]['lambda'];

/**
 * The Lambda that answers every path and method the list does not name: 404 and 405 in the contract's shape, and CORS preflights.
 * It may do nothing, so garbage reaches nothing.
 */
export const defaultLambda: LambdaName = 'fallback';

export interface HttpRoute {
  readonly method: Method;
  readonly path: string;
  readonly lambda: LambdaName;
}

/**
 * The method and path pairs the HTTP API must send to a Lambda: the list above, and for every Frontend API operation that is
 * not GET or POST the same path as POST, because clerk-js sends those as `POST …?_method=DELETE` to stay free of preflights.
 */
export function httpRoutes(): readonly HttpRoute[] {
  const pairs = new Map<string, HttpRoute>();
  for (const { method, path, lambda, audience } of routes) {
    const methods: Method[] =
      audience === 'frontend' && method !== 'GET' && method !== 'POST' ? [method, 'POST'] : [method];
    for (const each of methods) pairs.set(`${each} ${path}`, { method: each, path, lambda });
  }
  return [...pairs.values()];
}
