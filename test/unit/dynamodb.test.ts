// The failures of DynamoDB, and the pauses between attempts.
import { DynamoDBServiceException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { instant, jsonText } from '../../shared/storage/attributes.ts';
import { answerOf, cancellationCodes, pauseAfter } from '../../shared/storage/dynamodb.ts';
import { NoAnswerError } from '../../shared/storage/no-answer-error.ts';

const $metadata = {};
const cancelled = (...codes: readonly string[]) =>
  new TransactionCanceledException({ $metadata, message: '', CancellationReasons: codes.map((Code) => ({ Code })) });
const refusedWith = (name: string, $fault: 'client' | 'server') =>
  new DynamoDBServiceException({ $metadata, name, $fault, message: '' });

describe('the reasons for which a transaction was cancelled', () => {
  test('are the codes of its writes, in order', () => {
    expect(cancellationCodes(cancelled('None', 'ConditionalCheckFailed'))).toEqual(['None', 'ConditionalCheckFailed']);
  });

  test('are none for any other failure', () => {
    expect(cancellationCodes(new TransactionCanceledException({ $metadata, message: '' }))).toEqual([]);
    expect(cancellationCodes(new Error())).toEqual([]);
    expect(cancellationCodes('None')).toEqual([]);
  });
});

describe('the answer of a call', () => {
  test('is handed on', async () => {
    expect(await answerOf(Promise.resolve(1))).toBe(1);
  });

  test.each<[what: string, failure: unknown]>([
    ['a throttled call', refusedWith('ThrottlingException', 'client')],
    ['a throttled call that DynamoDB blames on itself', refusedWith('ThrottlingException', 'server')],
    ['a transaction of which one write was throttled', cancelled('None', 'ThrottlingError')],
  ])('is too_many_requests for %s', async (_, failure) => {
    await expect(answerOf(Promise.reject(failure))).rejects.toMatchObject({ code: 'too_many_requests' });
  });

  test.each<[what: string, failure: unknown]>([
    ['a call that was refused', refusedWith('ValidationException', 'client')],
    ['a transaction whose condition did not hold', cancelled('ConditionalCheckFailed')],
    ['a transaction that was cancelled without reasons', cancelled()],
  ])('is the failure itself for %s', async (_, failure) => {
    await expect(answerOf(Promise.reject(failure))).rejects.toBe(failure);
  });

  test.each<[what: string, failure: unknown]>([
    ['a call whose answer was lost', new Error('socket hang up')],
    ['a call that DynamoDB failed at', refusedWith('InternalServerError', 'server')],
    ['a failure that is no error', undefined],
  ])('is unknown for %s', async (_, failure) => {
    await expect(answerOf(Promise.reject(failure))).rejects.toThrow(NoAnswerError);
  });
});

describe('the pause after an attempt', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each([
    [0, [0, 0, 0, 0]],
    [0.5, [25, 50, 100, 200]],
    [1, [50, 100, 200, 400]],
  ])('of the random number %d is twice as long after each', (random, pauses) => {
    vi.spyOn(Math, 'random').mockReturnValue(random);

    expect([1, 2, 3, 4].map(pauseAfter)).toEqual(pauses);
  });
});

test.each([
  [0, true],
  [-1, false],
  [8.64e15, true],
  [8.64e15 + 1, false],
])('the instant %d can be stored: %s', (value, expected) => {
  expect(v.is(instant, value)).toBe(expected);
});

test.each([
  ['{"a":1}', true],
  ['[]', true],
  ['null', false],
  ['7', false],
  ['"a"', false],
  ['{"a"', false],
])('%s is an object that is stored as text: %s', (text, expected) => {
  expect(v.is(jsonText(), text)).toBe(expected);
});
