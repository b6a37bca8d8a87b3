// Every rule that holds "from the next request on" needs a read that sees all earlier acknowledged writes. DynamoDB guarantees that
// only on request, and a local engine always does it; so these tests watch the requests on the wire.
// Source: DynamoDB developer guide, Read consistency.
import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { type OperationId, routes } from '../../functions/routes.ts';
import { Browser } from '../support/browser.ts';
import { loseAnswer, type Passed } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser, aUser, type GivenSession } from '../support/given.ts';
import { call, callBackend, type TestAnswer } from '../support/http.ts';

const { dynamodb } = await startFaults();
const { allowedOrigin, environment } = inject('stack');

const tableNames = new Map(
  Object.entries(environment).flatMap(([variable, name]) =>
    variable.endsWith('_TABLE') ? [[name, variable.slice(0, -'_TABLE'.length).toLowerCase()] as const] : [],
  ),
);

const READS = ['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems'];

interface Asked {
  readonly table: string;
  readonly index?: string;
  readonly isConsistent: boolean;
}

function asked({ operation, body }: Passed): readonly Asked[] {
  if (operation !== 'BatchGetItem') {
    return [{ table: body.TableName, index: body.IndexName, isConsistent: body.ConsistentRead === true }];
  }
  return Object.entries<{ readonly ConsistentRead?: boolean }>(body.RequestItems).map(
    ([table, { ConsistentRead }]) => ({
      table,
      isConsistent: ConsistentRead === true,
    }),
  );
}

/** Returns the reads among the requests: `users` is a consistent read, `sessions.byUser` one of an index, which never is. */
function readsOf(requests: readonly Passed[]): readonly string[] {
  const reads = requests.filter(({ operation }) => READS.includes(operation)).flatMap(asked);
  const names = reads.map(({ table, index, isConsistent }) => {
    const name = tableNames.get(table) ?? table;
    return index ? `${name}.${index}` : `${name}${isConsistent ? '' : ' (not consistent)'}`;
  });
  return [...new Set(names)].sort();
}

interface Row {
  /** Creates what the operation needs, and returns its call. */
  readonly prepare: () => Promise<() => Promise<TestAnswer>>;
  /** Everything that the operation reads, in alphabetical order. No rule depends on a read of an index. */
  readonly reads: readonly string[];
}

/** A row for an operation on a session, called by its browser or by the backend. */
function onSession(act: (given: GivenSession) => Promise<TestAnswer>, ...reads: string[]): Row {
  return {
    prepare: async () => {
      const given = await aSignedInBrowser();
      return () => act(given);
    },
    reads,
  };
}

function onUser(act: (userId: string) => Promise<TestAnswer>, ...reads: string[]): Row {
  return onSession(({ userId }) => act(userId), ...reads);
}

/** A row for an operation that reads nothing. */
function readingNothing(act: () => Promise<TestAnswer>): Row {
  return { prepare: async () => act, reads: [] };
}

const pathOf = (sessionId: string) => `/v1/client/sessions/${sessionId}`;

const rows: Readonly<Record<OperationId, Row>> = {
  CreateActorToken: onUser(
    (user_id) => callBackend('POST', '/v1/actor_tokens', { user_id, actor: { sub: 'support' } }),
    'secret_keys',
    'users',
  ),
  RevokeActorToken: {
    prepare: async () => {
      const { id } = await aPendingActorToken();
      return () => callBackend('POST', `/v1/actor_tokens/${id}/revoke`);
    },
    reads: ['secret_keys'],
  },
  CreateSignIn: {
    prepare: async () => {
      const { browser } = await aSignedInBrowser();
      const { ticket } = await aPendingActorToken();
      return () => browser.redeem(ticket);
    },
    reads: ['actor_tokens', 'clients', 'users'],
  },
  GetClient: onSession(({ browser }) => browser.get('/v1/client'), 'actor_tokens', 'clients', 'sessions', 'users'),
  CreateClient: onSession(({ browser }) => browser.post('/v1/client'), 'actor_tokens', 'clients', 'sessions', 'users'),
  PutClient: onSession(
    ({ browser }) => browser.send('PUT', '/v1/client'),
    'actor_tokens',
    'clients',
    'sessions',
    'users',
  ),
  DeleteClient: onSession(({ browser }) => browser.send('DELETE', '/v1/client'), 'clients'),
  Handshake: onSession(
    ({ browser }) => browser.get(`/v1/client/handshake?redirect_url=${encodeURIComponent(allowedOrigin)}`),
    'actor_tokens',
    'clients',
    'sessions',
    'users',
  ),
  GetSignIn: onSession(
    ({ browser, sessionId }) => browser.get(`/v1/client/sign_ins/${sessionId.replace('sess', 'sia')}`),
    'actor_tokens',
    'clients',
    'sessions',
    'users',
  ),
  RemoveClientSessions: onSession(({ browser }) => browser.send('DELETE', '/v1/client/sessions'), 'clients'),
  GetClientSession: onSession(
    ({ browser, sessionId }) => browser.get(pathOf(sessionId)),
    'actor_tokens',
    'clients',
    'sessions',
    'users',
  ),
  CreateSessionToken: onSession(
    ({ browser, sessionId }) => browser.post(`${pathOf(sessionId)}/tokens`, { tab_state: 'hidden' }),
    'actor_tokens',
    'sessions',
    'users',
  ),
  TouchSession: onSession(
    ({ browser, sessionId }) => browser.post(`${pathOf(sessionId)}/touch`),
    'actor_tokens',
    'clients',
    'users',
  ),
  EndSession: onSession(
    ({ browser, sessionId }) => browser.post(`${pathOf(sessionId)}/end`),
    'actor_tokens',
    'clients',
    'users',
  ),
  RemoveSession: onSession(
    ({ browser, sessionId }) => browser.post(`${pathOf(sessionId)}/remove`),
    'actor_tokens',
    'clients',
    'users',
  ),
  GetMe: onSession(({ browser }) => browser.get('/v1/me'), 'actor_tokens', 'clients', 'sessions', 'users'),
  ListMySessions: onSession(
    ({ browser }) => browser.get('/v1/me/sessions'),
    'actor_tokens',
    'clients',
    'sessions',
    'users',
  ),
  ListMyActiveSessions: onSession(
    ({ browser }) => browser.get('/v1/me/sessions/active'),
    'actor_tokens',
    'clients',
    'sessions',
    'users',
  ),
  ListSessions: onUser(
    (userId) => callBackend('GET', `/v1/sessions?user_id=${userId}&status=active`),
    'actor_tokens',
    'secret_keys',
    'sessions',
    'sessions.byUser',
    'users',
  ),
  GetSession: onSession(
    ({ sessionId }) => callBackend('GET', `/v1/sessions/${sessionId}`),
    'actor_tokens',
    'secret_keys',
    'sessions',
    'users',
  ),
  RevokeSession: onSession(({ sessionId }) => callBackend('POST', `/v1/sessions/${sessionId}/revoke`), 'secret_keys'),
  CreateBackendSessionToken: onSession(
    ({ sessionId }) => callBackend('POST', `/v1/sessions/${sessionId}/tokens`),
    'actor_tokens',
    'secret_keys',
    'sessions',
    'users',
  ),
  GetBackendJwks: { ...readingNothing(() => callBackend('GET', '/v1/jwks')), reads: ['secret_keys'] },
  CreateUser: {
    ...readingNothing(() => callBackend('POST', '/v1/users', { external_id: randomUUID() })),
    reads: ['secret_keys'],
  },
  ListUsers: onUser((userId) => callBackend('GET', `/v1/users?user_id=${userId}`), 'secret_keys', 'users'),
  CountUsers: onUser((userId) => callBackend('GET', `/v1/users/count?user_id=${userId}`), 'secret_keys', 'users'),
  GetUser: onUser((userId) => callBackend('GET', `/v1/users/${userId}`), 'secret_keys', 'users'),
  UpdateUser: onUser(
    (userId) => callBackend('PATCH', `/v1/users/${userId}`, { external_id: randomUUID() }),
    'secret_keys',
    'users',
  ),
  UpdateUserMetadata: onUser(
    (userId) => callBackend('PATCH', `/v1/users/${userId}/metadata`, { public_metadata: { plan: 'pro' } }),
    'secret_keys',
    'users',
  ),
  DeleteUser: onUser(
    (userId) => callBackend('DELETE', `/v1/users/${userId}`),
    'secret_keys',
    'sessions',
    'sessions.byUser',
    'users',
  ),
  BanUser: onUser(
    (userId) => callBackend('POST', `/v1/users/${userId}/ban`),
    'secret_keys',
    'sessions',
    'sessions.byUser',
  ),
  UnbanUser: {
    prepare: async () => {
      const id = await aUser();
      await callBackend('POST', `/v1/users/${id}/ban`);
      return () => callBackend('POST', `/v1/users/${id}/unban`);
    },
    reads: ['secret_keys', 'users'],
  },
  GetEnvironment: readingNothing(() => call({ path: '/v1/environment' })),
  UpdateEnvironment: readingNothing(() => new Browser().send('PATCH', '/v1/environment')),
  CreateSignUp: readingNothing(() => new Browser().post('/v1/client/sign_ups')),
  CreateDevBrowser: readingNothing(() => new Browser().post('/v1/dev_browser')),
  RedirectScript: readingNothing(() => call({ path: '/npm/@clerk/clerk-js@6/dist/clerk.browser.js' })),
  ShowAcceptPage: {
    prepare: async () => {
      const { ticket } = await aPendingActorToken();
      return () => call({ path: `/v1/tickets/accept?ticket=${ticket}` });
    },
    reads: ['actor_tokens', 'users'],
  },
  AcceptTicket: {
    prepare: async () => {
      const { browser } = await aSignedInBrowser();
      const { ticket } = await aPendingActorToken();
      return () => browser.accept(ticket);
    },
    reads: ['actor_tokens', 'clients', 'users'],
  },
  GetImpersonationBanner: readingNothing(() => call({ path: '/v1/impersonation-banner.js' })),
  GetJwks: readingNothing(() => call({ path: '/.well-known/jwks.json' })),
  GetOpenidConfiguration: readingNothing(() => call({ path: '/.well-known/openid-configuration' })),
  GetOpenapi: readingNothing(() => call({ path: '/v1/openapi.json' })),
  GetHealth: readingNothing(() => call({ path: '/v1/health' })),
};

/** Operations that this instance answers with a refusal. */
const REFUSED: readonly OperationId[] = ['CreateSignUp', 'CreateDevBrowser'];

test.for(routes)('$operation reads consistently whatever it reads from a table', async ({ operation }) => {
  const { prepare, reads } = rows[operation];
  const act = await prepare();

  const { result, requests } = await dynamodb.watch(act);

  expect(readsOf(requests)).toEqual(reads);
  expect(result.status, result.text).toBeLessThan(REFUSED.includes(operation) ? 500 : 400);
});

test('a redemption whose write is not answered reads its outcome consistently', async () => {
  const { id, ticket } = await aPendingActorToken();
  dynamodb.hurt(requestsOf('TransactWriteItems', 'ACTOR_TOKENS', id), loseAnswer);

  const { result, requests } = await dynamodb.watch(() => new Browser().redeem(ticket));

  const last = requests.findLastIndex(({ operation }) => operation === 'TransactWriteItems');
  expect(readsOf(requests.slice(last + 1))).toEqual(['actor_tokens']);
  expect(result.status).toBe(200);
});

test('a revocation whose write is not answered reads its outcome consistently', async () => {
  const { id } = await aPendingActorToken();
  dynamodb.hurt(requestsOf('UpdateItem', 'ACTOR_TOKENS', id), loseAnswer);

  const { result, requests } = await dynamodb.watch(() => callBackend('POST', `/v1/actor_tokens/${id}/revoke`));

  expect(readsOf(requests)).toEqual(['actor_tokens', 'secret_keys']);
  expect(result.status).toBe(200);
});
