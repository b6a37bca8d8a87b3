// Every rule that holds "from the next request on" needs a read that sees all earlier acknowledged writes. DynamoDB guarantees that
// only on request, and a local engine always does it; so these tests watch the requests on the wire.
// Source: DynamoDB developer guide, Read consistency.
import { expect, inject, test } from 'vitest';
import { type OperationId, routes } from '../../functions/routes.ts';
import { Browser } from '../support/browser.ts';
import { aStoryFor, callOf, type Story } from '../support/every-operation.ts';
import { loseAnswer, type Passed } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';

const { dynamodb } = await startFaults();
const { environment } = inject('stack');

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

const OF_SESSION = ['actor_tokens', 'blocklist', 'sessions', 'users'] as const;
const OF_CLIENT = ['actor_tokens', 'blocklist', 'clients', 'sessions', 'users'] as const;

/** Everything that an operation reads, in alphabetical order. No rule depends on a read of an index. */
const readsOfOperation: Readonly<Record<OperationId, readonly string[]>> = {
  CreateActorToken: ['blocklist', 'secret_keys', 'users'],
  RevokeActorToken: ['secret_keys'],
  CreateSignIn: ['actor_tokens', 'blocklist', 'clients', 'users'],
  GetSignIn: OF_CLIENT,
  CreateSignUp: [],
  GetClient: OF_CLIENT,
  CreateClient: OF_CLIENT,
  PutClient: OF_CLIENT,
  DeleteClient: ['clients'],
  Handshake: OF_CLIENT,
  RemoveClientSessions: ['clients'],
  GetClientSession: ['actor_tokens', 'blocklist', 'sessions', 'users'],
  CreateSessionToken: OF_SESSION,
  TouchSession: ['actor_tokens', 'blocklist', 'clients', 'users'],
  EndSession: ['actor_tokens', 'blocklist', 'clients', 'users'],
  RemoveSession: ['actor_tokens', 'blocklist', 'clients', 'users'],
  GetMe: OF_CLIENT,
  ListMySessions: OF_CLIENT,
  ListMyActiveSessions: OF_CLIENT,
  ListMyOrganizationMemberships: OF_CLIENT,
  ListMyOrganizationInvitations: OF_CLIENT,
  ListMyOrganizationSuggestions: OF_CLIENT,
  ListSessions: ['actor_tokens', 'blocklist', 'secret_keys', 'sessions', 'sessions.byUser', 'users'],
  GetSession: ['actor_tokens', 'blocklist', 'secret_keys', 'sessions', 'users'],
  RevokeSession: ['secret_keys'],
  CreateBackendSessionToken: ['actor_tokens', 'blocklist', 'secret_keys', 'sessions', 'users'],
  CreateUser: ['secret_keys'],
  ListUsers: ['secret_keys', 'users'],
  CountUsers: ['secret_keys', 'users'],
  GetUser: ['secret_keys', 'users'],
  UpdateUser: ['secret_keys', 'users'],
  UpdateUserMetadata: ['secret_keys', 'users'],
  DeleteUser: ['secret_keys', 'sessions', 'sessions.byUser', 'users'],
  BanUser: ['secret_keys', 'sessions', 'sessions.byUser'],
  UnbanUser: ['secret_keys', 'users'],
  ListUserOrganizationMemberships: ['secret_keys', 'users'],
  ListUserOrganizationInvitations: ['secret_keys', 'users'],
  ListOrganizations: ['secret_keys'],
  CreateBlocklistIdentifier: ['secret_keys', 'sessions', 'sessions.byCreated'],
  ListBlocklistIdentifiers: ['blocklist.byBlocked', 'secret_keys'],
  DeleteBlocklistIdentifier: ['blocklist', 'secret_keys'],
  GetBackendJwks: ['secret_keys'],
  CreateTestingToken: ['secret_keys'],
  ShowAcceptPage: ['actor_tokens', 'blocklist', 'users'],
  AcceptTicket: ['actor_tokens', 'blocklist', 'clients', 'users'],
  GetEnvironment: [],
  UpdateEnvironment: [],
  CreateDevBrowser: [],
  RedirectScript: [],
  GetImpersonationBanner: [],
  GetJwks: [],
  GetOpenidConfiguration: [],
  GetOpenapi: [],
  GetHealth: [],
};

/** A page in the background reads the session, which a page in front changes. */
const callInBackground = {
  ...callOf,
  CreateSessionToken: ({ browser, sessionId }: Story) =>
    browser.post(`/v1/client/sessions/${sessionId}/tokens`, { tab_state: 'hidden' }),
};

/** Operations that this instance answers with a refusal. */
const REFUSED: readonly OperationId[] = ['CreateSignUp', 'CreateDevBrowser'];

test.for(routes)('$operation reads consistently whatever it reads from a table', async ({ operation }) => {
  const { browser } = await aSignedInBrowser();
  const story = await aStoryFor(operation, browser);

  const { result, requests } = await dynamodb.watch(() => callInBackground[operation](story));

  expect(readsOf(requests)).toEqual(readsOfOperation[operation]);
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
