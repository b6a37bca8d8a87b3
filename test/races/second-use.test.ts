// The guards against a second use of a ticket, one at a time.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { after, type Fault } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import type { TestAnswer } from '../support/http.ts';
import { expectInvariants } from '../support/invariants.ts';
import { storedItem, storeItem } from '../support/stored.ts';

const { dynamodb } = await startFaults();

test('a ticket whose token another browser redeemed since it was read is refused', async () => {
  const { id, ticket } = await aPendingActorToken();
  let first: Promise<TestAnswer> | undefined;
  const redeemFirst = () => {
    first = new Browser().redeem(ticket);
    return first;
  };
  dynamodb.hurt(requestsOf('TransactWriteItems', 'ACTOR_TOKENS', id, 1), after(redeemFirst));

  const second = await new Browser().redeem(ticket);

  expect((await first)?.status).toBe(200);
  expect(second).toMatchObject({ status: 400, cookies: [] });
  expect(second.json.errors[0].code).toBe('actor_token_already_used_code');
  await expectInvariants([id]);
});

test('a ticket whose session is no longer stored is used all the same', async () => {
  const { id, ticket } = await aPendingActorToken();
  const pending = await storedItem('ACTOR_TOKENS', { id });
  const redeemAndForget = () => storeItem('ACTOR_TOKENS', { ...pending, status: 'accepted', attempt: 'another' });
  dynamodb.hurt(requestsOf('TransactWriteItems', 'ACTOR_TOKENS', id, 1), after(redeemAndForget));

  const answer = await new Browser().redeem(ticket);

  expect(answer).toMatchObject({ status: 400, cookies: [] });
  expect(answer.json.errors[0].code).toBe('actor_token_already_used_code');
  expect(await storedItem('SESSIONS', { id: id.replace('act', 'sess') })).toBeUndefined();
});

test('a ticket whose token was set back to pending starts no second session', async () => {
  const { actorTokenId: id, sessionId, ticket } = await aSignedInBrowser();
  const { session_id, attempt, client_id, ...token } = (await storedItem('ACTOR_TOKENS', { id })) ?? {};
  const session = await storedItem('SESSIONS', { id: sessionId });
  await storeItem('ACTOR_TOKENS', { ...token, status: 'pending' });

  const answer = await new Browser().redeem(ticket);

  expect(answer).toMatchObject({ status: 400, cookies: [] });
  expect(answer.json.errors[0].code).toBe('actor_token_already_used_code');
  expect(await storedItem('SESSIONS', { id: sessionId })).toEqual(session);
});

test('a creation that arrives once more after the ticket was used changes nothing', async () => {
  const userId = await aUser();
  const reason = randomUUID();
  let again: (() => Promise<unknown>) | undefined;
  const keep: Fault = async ({ forward, answer }) => {
    again = forward;
    answer(await forward());
  };
  dynamodb.hurt(requestsOf('PutItem', 'ACTOR_TOKENS', reason, 1), keep);
  const { id, ticket } = await aPendingActorToken({ user_id: userId, reason });
  await new Browser().redeem(ticket);
  const used = await storedItem('ACTOR_TOKENS', { id });

  await again?.();

  expect(used).toMatchObject({ status: 'accepted' });
  expect(await storedItem('ACTOR_TOKENS', { id })).toEqual(used);
});
