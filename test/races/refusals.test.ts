// Refusals of one ticket at the same time: the record states the latest, and each is an event of its own.
import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { addEvent, differenceOf, type LoggedRecords } from '../../cdk/commands/audit/compare.ts';
import { epochMs } from '../../shared/base/time.ts';
import { Browser } from '../support/browser.ts';
import { after, type Exchange, inTurn, loseAnswer } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken } from '../support/given.ts';
import { callBackend, testInstance } from '../support/http.ts';
import { changesFromNow } from '../support/record-changes.ts';
import { storedItem } from '../support/stored.ts';

const { dynamodb } = await startFaults();

afterEach(() => {
  dynamodb.heal();
});

/** Creates a ticket of an actor who is blocked, and returns a function that reads what the log and the record say of it. */
async function aBlockedTicket() {
  const actor = { sub: randomUUID() };
  const changes = await changesFromNow();
  const { id, ticket } = await aPendingActorToken({ actor });
  await callBackend('POST', '/v1/blocklist_identifiers', { identifier: actor.sub });
  const recorded = async () => {
    const events = await changes((each) => each === id);
    const records: LoggedRecords = new Map();
    for (const event of events) addEvent(records, event);
    const comparison = { instance: testInstance(), records, begin: epochMs(0), now: epochMs(Date.now()) };
    const item = (await storedItem('ACTOR_TOKENS', { id })) ?? {};
    return { item, types: events.map(({ type }) => type), difference: differenceOf('ActorTokens', item, comparison) };
  };
  const redeem = (program = 'one') => new Browser().redeem(ticket, { 'user-agent': program });
  return { id, redeem, recorded };
}

test('a refusal that is written after a later one leaves the record as its log says', async () => {
  const { id, redeem, recorded } = await aBlockedTicket();
  dynamodb.hurt(
    requestsOf('UpdateItem', 'ACTOR_TOKENS', id, 1),
    after(() => redeem()),
  );

  expect((await redeem()).status).toBe(403);

  const { types, difference } = await recorded();
  expect(types).toEqual(['actor_token.created', 'actor_token.refused', 'actor_token.refused']);
  expect(difference).toBeUndefined();
});

test('four refusals at once are four events, and their times differ', async () => {
  const { redeem, recorded } = await aBlockedTicket();

  const answers = await Promise.all(['one', 'two', 'three', 'four'].map(redeem));

  const { types, difference } = await recorded();
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
  expect(types.filter((type) => type === 'actor_token.refused')).toHaveLength(4);
  expect(difference).toBeUndefined();
});

test('a refusal whose answer is lost is one event', async () => {
  const { id, redeem, recorded } = await aBlockedTicket();
  dynamodb.hurt(requestsOf('UpdateItem', 'ACTOR_TOKENS', id, 1), loseAnswer);

  expect((await redeem()).status).toBe(403);

  const { types, difference } = await recorded();
  expect(types).toEqual(['actor_token.created', 'actor_token.refused']);
  expect(difference).toBeUndefined();
});

test('a refusal that is written after the token was revoked changes nothing, and is not tried again', async () => {
  const { id, redeem, recorded } = await aBlockedTicket();
  await redeem();
  const before = (await recorded()).item;
  const revoke = () => callBackend('POST', `/v1/actor_tokens/${id}/revoke`);
  const passOn = async ({ forward, answer }: Exchange) => answer(await forward());
  const writes = dynamodb.hurt(requestsOf('UpdateItem', 'ACTOR_TOKENS', id), inTurn(after(revoke), passOn));

  expect((await redeem()).status).toBe(403);

  const { item, difference } = await recorded();
  expect(writes.hits, 'the revocation and one refusal').toBe(2);
  expect(item).toMatchObject({ status: 'revoked', refused_at: before.refused_at });
  expect(difference).toBeUndefined();
});
