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
  readonly summary: string;
}

export const routes = [
  {
    operation: 'CreateActorToken',
    lambda: 'create-actor-token',
    audience: 'backend',
    method: 'POST',
    path: '/v1/actor_tokens',
    summary: 'make an actor token for a user',
  },
  {
    operation: 'RevokeActorToken',
    lambda: 'revoke-actor-token',
    audience: 'backend',
    method: 'POST',
    path: '/v1/actor_tokens/{actor_token_id}/revoke',
    summary: 'take back a pending actor token',
  },
  {
    operation: 'CreateSignIn',
    lambda: 'create-sign-in',
    audience: 'frontend',
    method: 'POST',
    path: '/v1/client/sign_ins',
    summary: 'redeem a ticket: sign this browser in as the target',
  },
  {
    operation: 'GetClient',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'GET',
    path: '/v1/client',
    summary: 'who this browser is signed in as',
  },
  {
    operation: 'RemoveClientSessions',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'DELETE',
    path: '/v1/client/sessions',
    summary: 'sign this browser out',
  },
  {
    operation: 'GetClientSession',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'GET',
    path: '/v1/client/sessions/{session_id}',
    summary: 'read a session of this browser; never signs, never counts as activity',
  },
  {
    operation: 'CreateSessionToken',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'POST',
    path: '/v1/client/sessions/{session_id}/tokens',
    summary: 'a fresh 60-second session token',
  },
  {
    operation: 'TouchSession',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'POST',
    path: '/v1/client/sessions/{session_id}/touch',
    summary: 'say that the user is active',
  },
  {
    operation: 'EndSession',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'POST',
    path: '/v1/client/sessions/{session_id}/end',
    summary: 'end a session of this browser',
  },
  {
    operation: 'RemoveSession',
    lambda: 'browser-sessions',
    audience: 'frontend',
    method: 'POST',
    path: '/v1/client/sessions/{session_id}/remove',
    summary: 'end a session of this browser and take it off the client',
  },
  {
    operation: 'ListSessions',
    lambda: 'backend-sessions',
    audience: 'backend',
    method: 'GET',
    path: '/v1/sessions',
    summary: 'sessions of a user or of a client, newest first',
  },
  {
    operation: 'GetSession',
    lambda: 'backend-sessions',
    audience: 'backend',
    method: 'GET',
    path: '/v1/sessions/{session_id}',
    summary: 'read a session',
  },
  {
    operation: 'RevokeSession',
    lambda: 'revoke-session',
    audience: 'backend',
    method: 'POST',
    path: '/v1/sessions/{session_id}/revoke',
    summary: 'end a session',
  },
  {
    operation: 'CreateBackendSessionToken',
    lambda: 'backend-sessions',
    audience: 'backend',
    method: 'POST',
    path: '/v1/sessions/{session_id}/tokens',
    summary: 'a session token for a server; does not count as activity',
  },
  {
    operation: 'GetBackendJwks',
    lambda: 'backend-sessions',
    audience: 'backend',
    method: 'GET',
    path: '/v1/jwks',
    summary: 'the public keys that verify session tokens',
  },
  {
    operation: 'CreateUser',
    lambda: 'users',
    audience: 'backend',
    method: 'POST',
    path: '/v1/users',
    summary: 'make a user who can be impersonated',
  },
  {
    operation: 'ListUsers',
    lambda: 'users',
    audience: 'backend',
    method: 'GET',
    path: '/v1/users',
    summary: 'users, newest first',
  },
  {
    operation: 'CountUsers',
    lambda: 'users',
    audience: 'backend',
    method: 'GET',
    path: '/v1/users/count',
    summary: 'how many users match',
  },
  {
    operation: 'GetUser',
    lambda: 'users',
    audience: 'backend',
    method: 'GET',
    path: '/v1/users/{user_id}',
    summary: 'read a user',
  },
  {
    operation: 'DeleteUser',
    lambda: 'users',
    audience: 'backend',
    method: 'DELETE',
    path: '/v1/users/{user_id}',
    summary: 'delete a user and end their sessions',
  },
  {
    operation: 'BanUser',
    lambda: 'users',
    audience: 'backend',
    method: 'POST',
    path: '/v1/users/{user_id}/ban',
    summary: 'ban a user and end their sessions',
  },
  {
    operation: 'UnbanUser',
    lambda: 'users',
    audience: 'backend',
    method: 'POST',
    path: '/v1/users/{user_id}/unban',
    summary: 'lift a ban',
  },
  {
    operation: 'GetEnvironment',
    lambda: 'public',
    audience: 'frontend',
    method: 'GET',
    path: '/v1/environment',
    summary: 'what clerk-js asks first: the settings of this instance',
  },
  {
    operation: 'AcceptTicket',
    lambda: 'public',
    audience: 'public',
    method: 'GET',
    path: '/v1/tickets/accept',
    summary: "the link: redirects to the app's sign-in page, never redeems",
  },
  {
    operation: 'GetJwks',
    lambda: 'public',
    audience: 'public',
    method: 'GET',
    path: '/.well-known/jwks.json',
    summary: 'the public keys that verify session tokens',
  },
  {
    operation: 'GetOpenidConfiguration',
    lambda: 'public',
    audience: 'public',
    method: 'GET',
    path: '/.well-known/openid-configuration',
    summary: 'discovery: issuer and jwks_uri',
  },
  {
    operation: 'GetHealth',
    lambda: 'public',
    audience: 'public',
    method: 'GET',
    path: '/v1/health',
    summary: 'whether the API answers',
  },
] as const satisfies readonly Route[];

export type OperationId = (typeof routes)[number]['operation'];
export type LambdaName = (typeof routes)[number]['lambda'];

/** The Lambda that answers every path and method the list does not name: 404 and 405 in the contract's shape, and CORS preflights. */
export const defaultLambda: LambdaName = 'public';

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
