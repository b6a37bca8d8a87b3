// After an answer says that a session has ended, no later request gets a session token, however many run at the same time.
import { expect, test } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { after } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser, type GivenSession } from '../support/given.ts';
import { callBackend, type TestAnswer } from '../support/http.ts';
import { expectInvariants } from '../support/invariants.ts';
import { withoutTimeouts } from '../support/patience.ts';
import { storedItem } from '../support/stored.ts';
import { tallyOf } from '../support/tally.ts';

const MINTERS = 40;
const EARLY = 40;
const LATE_PER_MINTER = 2;

const { dynamodb } = await startFaults();

type Act = (given: GivenSession) => Promise<TestAnswer>;

const endings: readonly { readonly name: string; readonly act: Act }[] = [
  { name: 'ended', act: ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/end`) },
  { name: 'removed', act: ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/remove`) },
  { name: 'signed out of', act: ({ browser }) => browser.send('DELETE', '/v1/client/sessions') },
  { name: 'revoked', act: ({ sessionId }) => callBackend('POST', `/v1/sessions/${sessionId}/revoke`) },
  {
    name: 'replaced by a sign-in',
    act: async ({ browser }) => browser.redeem((await aPendingActorToken()).ticket),
  },
  { name: 'one of a banned user', act: ({ userId }) => callBackend('POST', `/v1/users/${userId}/ban`) },
  { name: 'one of a deleted user', act: ({ userId }) => callBackend('DELETE', `/v1/users/${userId}`) },
];

/** Requests a session token in each of the possible ways, in turn. */
function mint(turn: number, browser: Browser, sessionId: string): Promise<TestAnswer> {
  const path = `/v1/client/sessions/${sessionId}`;
  const ways = [
    () => browser.post(`${path}/tokens`),
    () => browser.post(`${path}/tokens`, { tab_state: 'hidden' }),
    () => browser.post(`${path}/touch`),
    () => callBackend('POST', `/v1/sessions/${sessionId}/tokens`),
  ];
  return (ways[turn % ways.length] ?? ways[0])?.() as Promise<TestAnswer>;
}

test.for(endings)('no request begun after a session was answered to be $name gets a session token', async ({ act }) => {
  const given = await aSignedInBrowser();
  const jar = given.browser.clone();
  const early: TestAnswer[] = [];
  const late: TestAnswer[] = [];
  let isOver = false;
  let turn = 0;
  const enough = Promise.withResolvers<void>();

  async function minter() {
    for (let asked = 0; asked < LATE_PER_MINTER; ) {
      const isLate = isOver;
      turn += 1;
      const answer = await mint(turn, jar.clone(), given.sessionId);
      (isLate ? late : early).push(answer);
      if (isLate) asked += 1;
      if (early.length >= EARLY) enough.resolve();
    }
  }
  const answer = await withoutTimeouts(async () => {
    const minters = Array.from({ length: MINTERS }, minter);
    await enough.promise;
    const answered = await act(given);
    isOver = true;
    await Promise.all(minters);
    return answered;
  });

  expect(answer.status).toBe(200);
  expect(early.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  expect(late).toHaveLength(MINTERS * LATE_PER_MINTER);
  const refusals = Object.keys(tallyOf(late));
  expect(refusals.filter((refusal) => !refusal.startsWith('4'))).toEqual([]);
  expect(late.filter(({ text }) => text.includes('jwt'))).toEqual([]);
  await expectInvariants([given.actorTokenId]);
});

test('a session token is not handed out when its user is banned while it is being made', async () => {
  const { browser, sessionId, userId } = await aSignedInBrowser();
  const ban = () => callBackend('POST', `/v1/users/${userId}/ban`);
  dynamodb.hurt(requestsOf('BatchGetItem', 'USERS', userId, 1), after(ban));

  const answer = await browser.post(`/v1/client/sessions/${sessionId}/tokens`);

  expect(answer.status).toBe(401);
  expect(answer.text).not.toContain('jwt');
  expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({ end_status: 'revoked' });
});

test('a ticket is refused when its user is banned while it is being redeemed', async () => {
  const { id, ticket, userId } = await aPendingActorToken();
  const ban = () => callBackend('POST', `/v1/users/${userId}/ban`);
  dynamodb.hurt(requestsOf('TransactWriteItems', 'ACTOR_TOKENS', id), after(ban));
  const { browser, actorTokenId } = await aSignedInBrowser();

  const answer = await browser.redeem(ticket);

  expect(answer).toMatchObject({ status: 403, cookies: [] });
  expect(answer.json.errors[0].code).toBe('user_banned');
  await expectInvariants([id, actorTokenId]);
});

const CAUSES: Readonly<Record<string, readonly string[]>> = {
  ended: ['end'],
  removed: ['remove', 'sign_out', 'sign_in'],
  revoked: ['backend_revoke', 'user_banned', 'user_deleted'],
};

test('of many ends of a session and touches at once, the first end stands and nothing wakes the session', async () => {
  const winners = new Set<string>();
  for (let round = 0; round < 12; round += 1) {
    const given = await aSignedInBrowser();
    const jar = given.browser.clone();
    const touches = Array.from({ length: 6 }, () => jar.clone().post(`/v1/client/sessions/${given.sessionId}/touch`));
    const ends = endings
      .slice(0, 6)
      .map((_, index) => endings[(index + round) % 6]?.act({ ...given, browser: jar.clone() }));

    const first = await Promise.any(
      ends.map((end) => end?.then(() => storedItem('SESSIONS', { id: given.sessionId }))),
    );
    await Promise.all([...touches, ...ends]);

    const session = await storedItem('SESSIONS', { id: given.sessionId });
    expect(session).toEqual(first);
    expect(CAUSES[session?.end_status]).toContain(session?.end_cause);
    expect(session?.last_active_at).toBeLessThanOrEqual(session?.ended_at + 1000);
    const late = await jar.clone().post(`/v1/client/sessions/${given.sessionId}/touch`);
    expect(late.status).toBe(401);
    await expectInvariants([given.actorTokenId]);
    winners.add(session?.end_cause);
  }
  expect(winners.size, 'causes that came first').toBeGreaterThan(1);
});

test('a touch that finds its session ended does not wake it', async () => {
  const { browser, sessionId, actorTokenId } = await aSignedInBrowser();
  const end = () => callBackend('POST', `/v1/sessions/${sessionId}/revoke`);
  dynamodb.hurt(requestsOf('UpdateItem', 'SESSIONS', sessionId, 1), after(end));

  const answer = await browser.post(`/v1/client/sessions/${sessionId}/touch`);

  expect(answer.status).toBe(401);
  await expectInvariants([actorTokenId]);
});
