// Several tabs of one browser share its cookie, and each can sign in, send requests or get a late answer.
import { afterEach, expect, test, vi } from 'vitest';
import { Browser } from '../support/browser.ts';
import { after } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser, type GivenActorToken } from '../support/given.ts';
import { call } from '../support/http.ts';
import { expectInvariants } from '../support/invariants.ts';
import { storedItem } from '../support/stored.ts';
import { refusalsOf, tallyOf } from '../support/tally.ts';

const { dynamodb } = await startFaults();

afterEach(() => void vi.useRealTimers());

function moveClock(milliseconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds });
}

const deletesCookie = (line: string) => line.startsWith('__Host-client=;');

test.for([
  { tabs: 2, rounds: 6 },
  { tabs: 20, rounds: 2 },
])(
  'of $tabs tabs of one browser that redeem different tickets at once, one holds the only usable session',
  async ({ tabs, rounds }) => {
    for (let round = 0; round < rounds; round += 1) {
      const before = await aSignedInBrowser();
      const other = await aSignedInBrowser({ user_id: before.userId });
      const tokens: GivenActorToken[] = [];
      for (let tab = 0; tab < tabs; tab += 1) tokens.push(await aPendingActorToken({ user_id: before.userId }));
      const jars = tokens.map(() => before.browser.clone());

      const { result: answers, requests } = await dynamodb.watch(() =>
        Promise.all(jars.map((jar, tab) => jar.redeem(tokens[tab]?.ticket ?? ''))),
      );

      expect(tallyOf(answers), refusalsOf(requests)).toEqual({ 200: 1, '401 authentication_invalid': tabs - 1 });
      expect(answers.flatMap(({ status, cookies }) => (status === 200 ? [] : cookies))).toEqual([]);
      const winners = jars.filter((_, tab) => answers[tab]?.status === 200);
      const sessionIds = [before.sessionId, ...tokens.map(({ id }) => id.replace('act', 'sess'))];
      // The losers all still hold the same old cookie.
      const kinds = [...winners, before.browser];
      const minted = await Promise.all(
        kinds.flatMap((jar) => sessionIds.map((id) => jar.clone().post(`/v1/client/sessions/${id}/tokens`))),
      );
      expect(minted.filter(({ status }) => status === 200)).toHaveLength(1);
      const statuses = await Promise.all(
        tokens.map(async ({ id }) => (await storedItem('ACTOR_TOKENS', { id }))?.status),
      );
      expect(statuses.filter((status) => status === 'accepted')).toHaveLength(1);
      expect(statuses.filter((status) => status === 'pending')).toHaveLength(tabs - 1);
      expect((await other.browser.post(`/v1/client/sessions/${other.sessionId}/tokens`)).status).toBe(200);
      await expectInvariants([before.actorTokenId, other.actorTokenId, ...tokens.map(({ id }) => id)]);
    }
  },
);

test('a tab that read its cookie as current is refused when another tab has signed in since', async () => {
  const before = await aSignedInBrowser();
  const tab = before.browser.clone();
  const [first, second] = [await aPendingActorToken(), await aPendingActorToken()];
  dynamodb.hurt(
    requestsOf('TransactWriteItems', 'CLIENTS', second.id),
    after(() => before.browser.redeem(first.ticket)),
  );

  const answer = await tab.redeem(second.ticket);

  expect(answer).toMatchObject({ status: 401, cookies: [] });
  expect(answer.json.errors[0].code).toBe('authentication_invalid');
  expect(await storedItem('ACTOR_TOKENS', { id: second.id })).toMatchObject({ status: 'pending' });
  expect((await before.browser.get('/v1/client')).json.response.sessions).toHaveLength(1);
  await expectInvariants([before.actorTokenId, first.id, second.id]);
});

test('a ticket refused to a tab with an old cookie can still be redeemed by the browser', async () => {
  const before = await aSignedInBrowser();
  const tab = before.browser.clone();
  await aSignedInBrowser({}, before.browser);
  const { id, ticket } = await aPendingActorToken();

  const refused = await tab.redeem(ticket);
  const accepted = await before.browser.redeem(ticket);

  expect(refused.status).toBe(401);
  expect(accepted.status).toBe(200);
  await expectInvariants([before.actorTokenId, id]);
});

interface LateRequest {
  readonly name: string;
  readonly send: (tab: Browser, sessionId: string) => ReturnType<Browser['get']>;
}

const lateRequests: readonly LateRequest[] = [
  { name: 'asking for a session token', send: (tab, id) => tab.post(`/v1/client/sessions/${id}/tokens`) },
  {
    name: 'asking for a session token in the background',
    send: (tab, id) => tab.post(`/v1/client/sessions/${id}/tokens`, { tab_state: 'hidden' }),
  },
  { name: 'touching the session', send: (tab, id) => tab.post(`/v1/client/sessions/${id}/touch`) },
  { name: 'reading the session', send: (tab, id) => tab.get(`/v1/client/sessions/${id}`) },
  { name: 'ending the session', send: (tab, id) => tab.post(`/v1/client/sessions/${id}/end`) },
  { name: 'removing the session', send: (tab, id) => tab.post(`/v1/client/sessions/${id}/remove`) },
  { name: 'signing the browser out', send: (tab) => tab.send('DELETE', '/v1/client/sessions') },
  { name: 'redeeming a ticket', send: async (tab) => tab.redeem((await aPendingActorToken()).ticket) },
];

test.for(lateRequests)(
  '$name with the cookie from before a new sign-in is refused and leaves the new cookies alone',
  async ({ send }) => {
    const before = await aSignedInBrowser();
    const tab = before.browser.clone();
    const now = await aSignedInBrowser({}, before.browser);

    const answer = await send(tab, before.sessionId);

    expect(answer).toMatchObject({ status: 401, cookies: [] });
    expect((await now.browser.get('/v1/client')).json.response.last_active_session_id).toBe(now.sessionId);
    await expectInvariants([before.actorTokenId, now.actorTokenId]);
  },
);

const endings = [
  { how: 'was ended', before: (tab: Browser, id: string) => tab.post(`/v1/client/sessions/${id}/end`) },
  { how: 'had expired', before: async () => moveClock(1_800_000) },
] as const;

test.for(endings)(
  'ending a session that $how before a new sign-in leaves the new cookies alone',
  async ({ before }) => {
    const given = await aSignedInBrowser();
    const tab = given.browser.clone();
    await before(given.browser, given.sessionId);
    await aSignedInBrowser({}, given.browser);

    const answer = await tab.post(`/v1/client/sessions/${given.sessionId}/end`);

    expect(answer).toMatchObject({ status: 401, cookies: [] });
  },
);

test('the old cookie is nobody, and is cleared a minute after the new sign-in, not before', async () => {
  const before = await aSignedInBrowser();
  moveClock(0);
  const tab = before.browser.clone();
  const { sessionId } = await aSignedInBrowser({}, before.browser);

  const atOnce = await tab.clone().get('/v1/client');
  moveClock(59_999);
  const nearlyLate = await tab.clone().get('/v1/client');
  const refused = await tab.clone().redeem((await aPendingActorToken()).ticket);
  moveClock(1);
  const late = await tab.clone().get('/v1/client');
  const refusedLate = await tab.clone().redeem((await aPendingActorToken()).ticket);

  for (const early of [atOnce, nearlyLate]) {
    expect(early).toMatchObject({ status: 200, json: { response: null }, cookies: [] });
  }
  expect(refused).toMatchObject({ status: 401, cookies: [] });
  expect(late).toMatchObject({ status: 200, json: { response: null } });
  expect(late.cookies.filter(deletesCookie)).toHaveLength(1);
  expect(refusedLate.status).toBe(401);
  expect(refusedLate.cookies.filter(deletesCookie)).toHaveLength(1);
  expect((await before.browser.get('/v1/client')).json.response.last_active_session_id).toBe(sessionId);
});

test('a late answer about an unknown browser leaves the cookies of its new sign-in alone', async () => {
  const browser = new Browser();
  browser.keep([`__Host-client=client_${'0'.repeat(27)}.${'A'.repeat(43)}; Path=/`]);
  const tab = browser.clone();
  const { sessionId } = await aSignedInBrowser({}, browser);

  const late = await tab.get('/v1/client');
  browser.keep(late.cookies);

  expect(late.json.response).toBeNull();
  expect((await browser.get('/v1/client')).json.response?.last_active_session_id).toBe(sessionId);
});

test('a sign-out with two cookies is no success while one of their sessions could not be ended', async () => {
  const [one, other] = await Promise.all([aSignedInBrowser(), aSignedInBrowser()]);
  const request = {
    method: 'DELETE',
    path: '/v1/client/sessions',
    cookies: [one, other].map(({ browser }) => `__Host-client=${browser.cookie('__Host-client')}`),
  };
  const statuses = async () =>
    Promise.all(
      [one, other].map(async ({ sessionId }) => (await storedItem('SESSIONS', { id: sessionId }))?.end_status),
    );
  dynamodb.hurt(requestsOf('UpdateItem', 'SESSIONS', other.sessionId), ({ answer }) =>
    answer({ status: 500, headers: {}, body: Buffer.from('{"__type":"InternalServerError"}') }),
  );

  const failed = await call(request);
  const afterFailure = await statuses();
  dynamodb.heal();
  const repeated = await call(request);

  expect([failed.status, repeated.status]).toEqual([503, 200]);
  expect(afterFailure).toEqual(['removed', undefined]);
  expect(await statuses()).toEqual(['removed', 'removed']);
});
