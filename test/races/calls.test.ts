// The calls to DynamoDB and KMS that an operation makes, on the wire. docs/cost.md counts with them, and each one in a row is a wait.
import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser, aUser, type GivenSession } from '../support/given.ts';
import { callBackend, type TestAnswer } from '../support/http.ts';

const { dynamodb, kms } = await startFaults();
const { allowedOrigin } = inject('stack');

/** The calls that one request makes, in alphabetical order. */
async function callsOf(act: () => Promise<TestAnswer>): Promise<readonly string[]> {
  const onKms = await kms.watch(() => dynamodb.watch(act));
  const onDynamodb = onKms.result;
  expect(onDynamodb.result.status, onDynamodb.result.text).toBeLessThan(400);
  return [...onDynamodb.requests, ...onKms.requests].map(({ operation }) => operation).sort();
}

const pathOf = ({ sessionId }: GivenSession) => `/v1/client/sessions/${sessionId}`;
const handshakePath = `/v1/client/handshake?redirect_url=${encodeURIComponent(allowedOrigin)}`;

test.for<readonly [string, (given: GivenSession) => Promise<TestAnswer>, readonly string[]]>([
  ['a session token', (given) => given.browser.post(`${pathOf(given)}/tokens`), ['BatchGetItem', 'Sign', 'UpdateItem']],
  [
    'a session token for a page in the background',
    (given) => given.browser.post(`${pathOf(given)}/tokens`, { tab_state: 'hidden' }),
    ['BatchGetItem', 'GetItem', 'Sign'],
  ],
  [
    'a session token for a server',
    ({ sessionId }) => callBackend('POST', `/v1/sessions/${sessionId}/tokens`),
    ['BatchGetItem', 'GetItem', 'GetItem', 'Sign'],
  ],
  ['the client', ({ browser }) => browser.get('/v1/client'), ['BatchGetItem', 'GetItem']],
  [
    'the client, for clerk-js',
    ({ browser }) => browser.get('/v1/client?_clerk_js_version=6'),
    ['BatchGetItem', 'GetItem', 'Sign'],
  ],
  ['a handshake', ({ browser }) => browser.get(handshakePath), ['BatchGetItem', 'GetItem', 'Sign', 'Sign']],
])('%s takes as many calls as counted', async ([, act, calls]) => {
  const given = await aSignedInBrowser();
  // The first use of a function reads its public keys.
  await act(given);

  expect(await callsOf(() => act(given))).toEqual(calls);
});

test('creating and redeeming an actor token take as many calls as counted', async () => {
  const { browser } = await aSignedInBrowser();
  const user_id = await aUser();
  const create = () => callBackend('POST', '/v1/actor_tokens', { user_id, actor: { sub: 'support' } });
  const { ticket } = await aPendingActorToken();

  expect(await callsOf(create)).toEqual(['BatchGetItem', 'GetItem', 'PutItem', 'Sign']);
  expect(await callsOf(() => browser.redeem(ticket))).toEqual([
    'BatchGetItem',
    'BatchGetItem',
    'GetItem',
    'GetItem',
    'Sign',
    'TransactWriteItems',
  ]);
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

  const made = await callsOf(async () => {
    answer = await callBackend('GET', path);
    return answer;
  });

  expect(made).toEqual(calls);
  expect(answer?.json).toMatchObject([{ id: values.user_id }]);
});
