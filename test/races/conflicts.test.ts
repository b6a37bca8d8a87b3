// A write that conflicts with another transaction is sent at most five times within two seconds. The clock that measures the two
// seconds stands still in these tests, so that their result does not depend on the speed of the machine.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { cancelled, conflict, type Fault, inTurn, loseAnswer, refusal, throttling } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { expectInvariants } from '../support/invariants.ts';
import { type WritingOperation, writingOperations } from '../support/writing-operations.ts';

const { dynamodb } = await startFaults();

beforeAll(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterAll(() => void vi.useRealTimers());

/** DynamoDB reports a conflict in one way to plain writes and in another to transactions. */
function conflictOf({ write: [operation] }: WritingOperation): Fault {
  return operation === 'TransactWriteItems' ? cancelled('TransactionConflict') : conflict;
}

describe.for(writingOperations)('$name', { concurrent: true }, (operation) => {
  test('a write succeeds when its conflict with another transaction passes', async () => {
    const { about, act, effects, actorTokenIds } = await operation.prepare();
    const conflicts = dynamodb.hurt(requestsOf(...operation.write, about, 4), conflictOf(operation));

    const answer = await act();

    expect(conflicts.hits).toBe(4);
    expect(answer.status).toBe(200);
    expect(await effects()).toBe(1);
    await expectInvariants(actorTokenIds);
  });

  test('a write is to be retried when its conflict outlives five attempts', async () => {
    const { about, act, effects, actorTokenIds } = await operation.prepare();
    const conflicts = dynamodb.hurt(requestsOf(...operation.write, about), conflictOf(operation));

    const answer = await act();

    expect(conflicts.hits).toBe(5);
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '1' }, cookies: [] });
    expect(answer.json.errors[0].code).toBe('too_many_requests');
    expect(await effects()).toBe(0);
    await expectInvariants(actorTokenIds);
  });
});

test.concurrent.for(writingOperations)('$name is to be retried when DynamoDB throttles', async (operation) => {
  const { about, act, effects, actorTokenIds } = await operation.prepare();
  const isTransaction = operation.write[0] === 'TransactWriteItems';
  dynamodb.hurt(requestsOf(...operation.write, about), isTransaction ? cancelled('ThrottlingError') : throttling);

  const answer = await act();

  expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '1' }, cookies: [] });
  expect(await effects()).toBe(0);
  await expectInvariants(actorTokenIds);
});

test.for(writingOperations)('$name is to be retried when a conflict takes more than two seconds', async (operation) => {
  const { about, act, effects, actorTokenIds } = await operation.prepare();
  const twoSecondsLater: Fault = (exchange) => {
    vi.advanceTimersByTime(2001);
    return conflictOf(operation)(exchange);
  };
  const conflicts = dynamodb.hurt(requestsOf(...operation.write, about), twoSecondsLater);

  const answer = await act();

  expect(conflicts.hits).toBe(1);
  expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '1' }, cookies: [] });
  expect(await effects()).toBe(0);
  await expectInvariants(actorTokenIds);
});

describe('a sign-in whose transaction was cancelled for two reasons', () => {
  const redeeming = writingOperations.find(({ name }) => name === 'redeeming a ticket') as WritingOperation;
  const reasons = (...codes: string[]) =>
    refusal(400, 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException', {
      CancellationReasons: [0, 1, 2, 3, 4].map((index) => ({ Code: codes[index] ?? 'None' })),
    });

  test('a sign-in is repeated without the previous session when that one is gone', async () => {
    const { about, act, actorTokenIds } = await redeeming.prepare();
    const gone = reasons('TransactionConflict', 'None', 'None', 'None', 'ConditionalCheckFailed');
    dynamodb.hurt(requestsOf(...redeeming.write, about, 1), gone);

    const answer = await act();

    expect(answer.status).toBe(200);
    expect(actorTokenIds).toHaveLength(2);
  });

  test('a sign-in is refused when a condition failed beside a conflict', async () => {
    const { about, act, effects } = await redeeming.prepare();
    const banned = reasons('TransactionConflict', 'None', 'None', 'ConditionalCheckFailed');
    const transactions = dynamodb.hurt(requestsOf(...redeeming.write, about), inTurn(banned));

    const answer = await act();

    expect(answer.status).toBe(404);
    expect(transactions.hits).toBe(1);
    expect(await effects()).toBe(0);
  });
});

/** The attempts of the SDK for one call. After them the product calls again with the same transaction. */
const SDK_ATTEMPTS = 3;
/** DynamoDB still executes the first copy of a transaction when its repetition arrives. */
const inProgress = refusal(400, 'com.amazonaws.dynamodb.v20120810#TransactionInProgressException');
const transactions = writingOperations.filter(({ write: [operation] }) => operation === 'TransactWriteItems');

test.concurrent.for(transactions)(
  '$name succeeds once when its answer is lost and all repetitions by the SDK meet the first copy',
  async ({ prepare, write }) => {
    const { about, act, effects, actorTokenIds } = await prepare();
    const hurt = dynamodb.hurt(requestsOf(...write, about, SDK_ATTEMPTS), inTurn(loseAnswer, inProgress));

    const answer = await act();

    expect(hurt.hits).toBe(SDK_ATTEMPTS);
    expect(answer.status, answer.text).toBe(200);
    expect(await effects()).toBe(1);
    await expectInvariants(actorTokenIds);
  },
);

test('a transaction that an earlier copy of itself holds up succeeds', async () => {
  const redeeming = writingOperations.find(({ name }) => name === 'redeeming a ticket') as WritingOperation;
  const { about, act, effects, actorTokenIds } = await redeeming.prepare();
  dynamodb.hurt(requestsOf(...redeeming.write, about, 1), inProgress);

  const answer = await act();

  expect(answer.status).toBe(200);
  expect(await effects()).toBe(1);
  await expectInvariants(actorTokenIds);
});
