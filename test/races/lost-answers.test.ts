// The network loses answers, repeats requests and delivers them late. Each operation takes effect once, and its answer says so.
import { describe, expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import {
  cancelled,
  conflict,
  deliverTwice,
  forgetAndRepeat,
  heldUp,
  inTurn,
  loseAnswer,
  throttling,
} from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { expectInvariants } from '../support/invariants.ts';
import { storedItem } from '../support/stored.ts';
import { type WritingOperation, writingOperations } from '../support/writing-operations.ts';

const { dynamodb } = await startFaults();

const redeeming = writingOperations.find(({ name }) => name === 'redeeming a ticket') as WritingOperation;

describe.for(writingOperations)('$name', { concurrent: true }, (operation) => {
  test('an operation succeeds once when the answer of its write is lost', async () => {
    const { about, act, effects, actorTokenIds } = await operation.prepare();
    const lost = dynamodb.hurt(requestsOf(...operation.write, about, 1), loseAnswer);

    const answer = await act();

    expect(lost.hits).toBe(1);
    expect(answer.status).toBe(200);
    expect(await effects()).toBe(1);
    await expectInvariants(actorTokenIds);
  });

  test('an operation succeeds once when its write is delivered twice', async () => {
    const { about, act, effects, actorTokenIds } = await operation.prepare();
    const repeated = dynamodb.hurt(requestsOf(...operation.write, about, 1), deliverTwice);

    const answer = await act();

    expect(repeated.hits).toBe(1);
    expect(answer.status).toBe(200);
    expect(await effects()).toBe(1);
    await expectInvariants(actorTokenIds);
  });
});

/** The operations that read the table when DynamoDB gave no answer at all. */
const DECIDED_BY_READING = ['redeeming a ticket', 'revoking an actor token'];

const decidedOperations = writingOperations
  .filter(({ name }) => DECIDED_BY_READING.includes(name))
  .flatMap((operation) => {
    const isTransaction = operation.write[0] === 'TransactWriteItems';
    return [
      { ...operation, meet: 'throttling', fault: throttling },
      { ...operation, meet: 'a lasting conflict', fault: isTransaction ? cancelled('TransactionConflict') : conflict },
    ];
  });

test.concurrent.for(decidedOperations)(
  '$name is answered with success when its repetitions meet $meet',
  async (operation) => {
    const { about, act, effects, actorTokenIds } = await operation.prepare();
    dynamodb.hurt(requestsOf(...operation.write, about), inTurn(loseAnswer, operation.fault));

    const answer = await act();

    expect(await effects()).toBe(1);
    expect(answer.status).toBe(200);
    await expectInvariants(actorTokenIds);
  },
);

test.concurrent('a sign-in recognises its own commit when DynamoDB does not', async () => {
  const { about, act, effects, actorTokenIds } = await redeeming.prepare();
  dynamodb.hurt(requestsOf(...redeeming.write, about, 1), forgetAndRepeat);

  const answer = await act();

  expect(answer.status).toBe(200);
  expect(await effects()).toBe(1);
  await expectInvariants(actorTokenIds);
});

test.concurrent('a browser whose answer was lost is not signed in again by another that redeems the ticket', async () => {
  const { id, ticket } = await aPendingActorToken();
  dynamodb.hurt(requestsOf('TransactWriteItems', 'ACTOR_TOKENS', id, 1), loseAnswer);

  const first = await new Browser().redeem(ticket);
  const second = await new Browser().redeem(ticket);

  expect(first.status).toBe(200);
  expect(second).toMatchObject({ status: 400, cookies: [] });
  expect(second.json.errors[0].code).toBe('actor_token_already_used_code');
});

describe('a write that arrives when its caller has given it up', { concurrent: true }, () => {
  test('a late write does not turn a redeemed actor token pending again', async () => {
    const userId = await aUser();
    const copy = heldUp();
    dynamodb.hurt(requestsOf('PutItem', 'ACTOR_TOKENS', userId, 1), copy.fault);
    const { id, ticket } = await aPendingActorToken({ user_id: userId });
    await new Browser().redeem(ticket);

    await copy.deliver();

    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'accepted' });
    await expectInvariants([id]);
  });

  test('a late write does not revive an ended session', async () => {
    const { browser, sessionId, actorTokenId } = await aSignedInBrowser();
    const copy = heldUp();
    dynamodb.hurt(requestsOf('UpdateItem', 'SESSIONS', sessionId, 1), copy.fault);
    await browser.post(`/v1/client/sessions/${sessionId}/touch`);
    await browser.post(`/v1/client/sessions/${sessionId}/end`);
    await expectInvariants([actorTokenId]);

    await copy.deliver();

    await expectInvariants([actorTokenId]);
  });

  test('a late write does not lift a later ban', async () => {
    const userId = await aUser();
    await callBackend('POST', `/v1/users/${userId}/ban`);
    const copy = heldUp();
    dynamodb.hurt(requestsOf('UpdateItem', 'USERS', userId, 1), copy.fault);
    await callBackend('POST', `/v1/users/${userId}/unban`);
    await callBackend('POST', `/v1/users/${userId}/ban`);

    await copy.deliver();

    expect(await storedItem('USERS', { id: userId })).toMatchObject({ banned: true });
  });
});
