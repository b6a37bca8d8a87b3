import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { after } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken, aUser } from '../support/given.ts';
import { callBackend, type TestAnswer } from '../support/http.ts';
import { expectInvariants } from '../support/invariants.ts';
import { newSeed, randomFrom } from '../support/random.ts';
import { summary } from '../support/refusal.ts';
import { storedItem } from '../support/stored.ts';
import { refusalsOf, tallyOf } from '../support/tally.ts';

const ROUNDS = 60;
const AT_ONCE = 6;

const { dynamodb } = await startFaults();

const revoke = (id: string) => callBackend('POST', `/v1/actor_tokens/${id}/revoke`);

/** Checks that one succeeded and the other was refused for that reason; returns the winner. */
function winnerOf(id: string, redeemed: TestAnswer, revoked: TestAnswer): 'redemption' | 'revocation' {
  if (redeemed.status === 200) {
    expect(summary(revoked)).toBe('400 actor_token_cannot_be_revoked_code');
    expect(revoked.json.errors[0].meta).toEqual({ session_id: id.replace('act', 'sess') });
    return 'redemption';
  }
  expect(summary(redeemed)).toBe('400 actor_token_revoked_code');
  expect(redeemed.cookies).toEqual([]);
  expect(revoked, summary(revoked)).toMatchObject({ status: 200, json: { id, status: 'revoked' } });
  return 'revocation';
}

/** The time of a redemption among others, in milliseconds. */
async function redemptionTime(user_id: string): Promise<number> {
  const tokens = await Promise.all(Array.from({ length: AT_ONCE }, () => aPendingActorToken({ user_id })));
  const begin = performance.now();
  await Promise.all(tokens.map(({ ticket }) => new Browser().redeem(ticket)));
  return performance.now() - begin;
}

const seed = newSeed();

test(`of a revocation and a redemption at once exactly one succeeds (SEED=${seed})`, async () => {
  const random = randomFrom(seed);
  const userId = await aUser();
  // As long as a redemption takes twice, on this machine and now, so that each of the two is often the first.
  const longestHeadStart = 2 * (await redemptionTime(userId));
  const wins = { redemption: 0, revocation: 0 };

  async function round() {
    const { id, ticket } = await aPendingActorToken({ user_id: userId });
    const [early, late] = [random(), random()].map((each) => each * longestHeadStart);
    const [redeemed, revoked] = await Promise.all([
      sleep(early).then(() => new Browser().redeem(ticket)),
      sleep(late).then(() => revoke(id)),
    ]);
    const winner = winnerOf(id, redeemed, revoked);
    await expectInvariants([id]);
    const stored = await storedItem('ACTOR_TOKENS', { id });
    expect(stored?.status).toBe(winner === 'redemption' ? 'accepted' : 'revoked');
    wins[winner] += 1;
  }

  for (let done = 0; done < ROUNDS; done += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, round));

  expect(wins.redemption + wins.revocation).toBe(ROUNDS);
  expect(wins.redemption, 'redemptions that won').toBeGreaterThan(0);
  expect(wins.revocation, 'revocations that won').toBeGreaterThan(0);
});

test('a ticket whose token was revoked since it was read is refused', async () => {
  const { id, ticket } = await aPendingActorToken();
  dynamodb.hurt(
    requestsOf('TransactWriteItems', 'ACTOR_TOKENS', id),
    after(() => revoke(id)),
  );

  const answer = await new Browser().redeem(ticket);

  expect(answer).toMatchObject({ status: 400, cookies: [] });
  expect(answer.json.errors[0].code).toBe('actor_token_revoked_code');
  expect(await storedItem('SESSIONS', { id: id.replace('act', 'sess') })).toBeUndefined();
});

test('an actor token that was redeemed while its revocation was under way is not reported as revoked', async () => {
  const { id, ticket } = await aPendingActorToken();
  dynamodb.hurt(
    requestsOf('UpdateItem', 'ACTOR_TOKENS', id),
    after(() => new Browser().redeem(ticket)),
  );

  const answer = await revoke(id);

  expect(answer.status).toBe(400);
  expect(answer.json.errors[0]).toMatchObject({
    code: 'actor_token_cannot_be_revoked_code',
    meta: { session_id: id.replace('act', 'sess') },
  });
  await expectInvariants([id]);
});

test('of several revocations at once one succeeds', async () => {
  const { id } = await aPendingActorToken();

  const { result: answers, requests } = await dynamodb.watch(() =>
    Promise.all(Array.from({ length: 10 }, () => revoke(id))),
  );

  expect(tallyOf(answers), refusalsOf(requests)).toEqual({ 200: 1, '400 actor_token_cannot_be_revoked_code': 9 });
});
