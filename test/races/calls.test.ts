// The calls to DynamoDB and KMS that an operation makes, on the wire. docs/cost.md and docs/performance.md count with them, and each one in
// a row is a wait.
import { randomUUID } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { callsOf } from '../support/calls.ts';
import { startFaults } from '../support/faults.ts';
import { aPendingActorToken, aUser } from '../support/given.ts';
import { type Api, callBackend, startApi, type TestAnswer, testInstance } from '../support/http.ts';
import { all, neverStaff, policyOf } from '../support/policies.ts';

const faults = await startFaults();
const { allowedOrigin } = inject('stack');
const handshakePath = `/v1/client/handshake?redirect_url=${encodeURIComponent(allowedOrigin)}`;

/** The calls that one request makes, and how many of them one after the other. */
async function madeBy(act: () => Promise<TestAnswer>) {
  const { result, calls, depth } = await callsOf(faults, act);
  expect(result.status, result.text).toBeLessThan(400);
  return { calls, depth };
}

/** A browser that is signed in, and an API whose functions have just started. */
interface Given {
  readonly api: Api;
  readonly userId: string;
  readonly browser: Browser;
  readonly sessionId: string;
  /** Two tickets that nobody has redeemed. */
  readonly tickets: readonly [string, string];
}

const actor = { sub: 'support' };

async function aGiven(instance: ReturnType<typeof testInstance>): Promise<Given> {
  const userId = await aUser();
  const ticket = async () => (await callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor })).json.token;
  const signedIn = new Browser();
  const { json } = await signedIn.redeem(await ticket());
  const api = startApi(instance);
  const browser = new Browser(api);
  browser.keep(signedIn.cookies);
  const tickets = [await ticket(), await ticket()] as const;
  return { api, userId, browser, sessionId: json.response.created_session_id, tickets };
}

interface Expected {
  readonly act: (given: Given, turn: 0 | 1) => Promise<TestAnswer>;
  /** Of functions that have the public keys, in alphabetical order. */
  readonly calls: readonly string[];
  readonly depth: number;
  /** Of functions that have just started: they fetch the public keys beside the first read. A ticket is verified before it. */
  readonly coldDepth?: number;
  readonly keys?: number;
}

const operations: Readonly<Record<string, Expected>> = {
  'a session token': {
    act: ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/tokens`),
    calls: ['BatchGetItem', 'Sign', 'UpdateItem'],
    depth: 2,
  },
  'a session token for a page in the background': {
    act: ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/tokens`, { tab_state: 'hidden' }),
    calls: ['BatchGetItem', 'GetItem', 'Sign'],
    depth: 2,
  },
  'a session token for a server': {
    act: ({ api, sessionId }) => api.callBackend('POST', `/v1/sessions/${sessionId}/tokens`),
    calls: ['BatchGetItem', 'GetItem', 'GetItem', 'Sign'],
    depth: 3,
  },
  'a touch': {
    act: ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/touch`),
    calls: ['BatchGetItem', 'GetItem', 'Sign', 'UpdateItem'],
    depth: 2,
  },
  'the client': { act: ({ browser }) => browser.get('/v1/client'), calls: ['BatchGetItem', 'GetItem'], depth: 2 },
  'the client, for clerk-js': {
    act: ({ browser }) => browser.get('/v1/client?_clerk_js_version=6'),
    calls: ['BatchGetItem', 'GetItem', 'Sign'],
    depth: 3,
  },
  'a handshake': {
    act: ({ browser }) => browser.get(handshakePath),
    calls: ['BatchGetItem', 'GetItem', 'Sign', 'Sign'],
    depth: 4,
  },
  'creating an actor token': {
    act: ({ api, userId }) => api.callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor }),
    calls: ['BatchGetItem', 'GetItem', 'PutItem', 'Sign'],
    depth: 3,
    keys: 1,
  },
  'redeeming a ticket': {
    act: ({ api, tickets }, turn) => new Browser(api).redeem(tickets[turn]),
    calls: ['BatchGetItem', 'BatchGetItem', 'GetItem', 'Sign', 'TransactWriteItems'],
    depth: 3,
    coldDepth: 4,
  },
  'redeeming a ticket in a browser that is signed in': {
    act: ({ browser, tickets }, turn) => browser.redeem(tickets[turn]),
    calls: ['BatchGetItem', 'BatchGetItem', 'GetItem', 'GetItem', 'Sign', 'TransactWriteItems'],
    depth: 3,
    coldDepth: 4,
  },
};

describe.each([
  ['without a policy', {}],
  ['with a policy', { policy: policyOf(neverStaff, all) }],
])('%s', (_name, authority) => {
  test.for(Object.entries(operations))('%s takes as many calls as counted, cold and warm', async ([, expected]) => {
    const { act, calls, depth, coldDepth = depth, keys = 2 } = expected;
    const given = await aGiven(testInstance({}, authority));
    const fetched = Array.from({ length: keys }, () => 'GetPublicKey');

    const [cold, warm] = [await madeBy(() => act(given, 0)), await madeBy(() => act(given, 1))];

    expect(cold).toEqual({ calls: [...calls, ...fetched].sort(), depth: coldDepth });
    expect(warm).toEqual({ calls, depth });
  });
});

test('revoking an actor token takes as many calls as counted', async () => {
  const { id } = await aPendingActorToken();

  const made = await madeBy(() => callBackend('POST', `/v1/actor_tokens/${id}/revoke`));

  expect(made).toEqual({ calls: ['GetItem', 'UpdateItem'], depth: 2 });
});

test.for<readonly [query: string, calls: readonly string[]]>([
  ['user_id', ['BatchGetItem', 'GetItem']],
  ['external_id', ['BatchGetItem', 'BatchGetItem', 'GetItem']],
  ['email_address', ['BatchGetItem', 'GetItem', 'Query']],
  ['phone_number', ['BatchGetItem', 'GetItem', 'Query']],
  ['username', ['BatchGetItem', 'GetItem', 'Query']],
])('finding a user by %s takes as many calls as counted, however many users there are', async ([name, calls]) => {
  const values: Record<string, string> = {
    external_id: randomUUID(),
    email_address: `${randomUUID()}@example.com`,
    phone_number: `+1${String(Math.random()).slice(2, 15).padEnd(13, '0')}`,
    username: randomUUID(),
  };
  const { external_id, email_address, phone_number, username } = values;
  values.user_id = await aUser({
    external_id,
    email_address: [email_address],
    phone_number: [phone_number],
    username,
  });
  const path = `/v1/users?${name}=${encodeURIComponent(values[name] ?? '')}`;
  let answer: TestAnswer | undefined;

  const made = await madeBy(async () => {
    answer = await callBackend('GET', path);
    return answer;
  });

  expect(made.calls).toEqual(calls);
  expect(answer?.json).toMatchObject([{ id: values.user_id }]);
});
