import { DynamoDBClient, DynamoDBServiceException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { awsClientOptions } from '../base/aws-client.ts';
import { ApiError } from '../base/errors.ts';
import { perInstance } from '../base/instance.ts';
import { NoAnswerError } from './no-answer-error.ts';

/** The DynamoDB client of an instance. */
export const dynamodbOf = perInstance((instance) => new DynamoDBClient(awsClientOptions(instance, 'dynamodb')));

const THROTTLED = new Set([
  'ProvisionedThroughputExceeded',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingError',
  'ThrottlingException',
]);

/** The reasons for which DynamoDB cancelled a transaction, one per write, in order. */
export function cancellationCodes(error: unknown): readonly (string | undefined)[] {
  if (!(error instanceof TransactionCanceledException)) return [];
  return (error.CancellationReasons ?? []).map(({ Code }) => Code);
}

function isThrottled(error: unknown): boolean {
  const codes = [error instanceof Error ? error.name : undefined, ...cancellationCodes(error)];
  return codes.some((code) => code !== undefined && THROTTLED.has(code));
}

/** Milliseconds to wait before the next attempt: full jitter, at most 50 ms after the first and twice as long after each. */
export function pauseAfter(attempt: number): number {
  return Math.random() * 50 * 2 ** (attempt - 1);
}

/** True when DynamoDB refused. After any other failure (a broken connection or answer, a time-out, a 5xx) the effect is unknown. */
function isRefusedByDynamodb(error: unknown): boolean {
  return error instanceof DynamoDBServiceException && error.$fault === 'client';
}

/**
 * The answer of a call to DynamoDB.
 *
 * @throws `too_many_requests` when DynamoDB throttles; NoAnswerError; DynamoDB's own exception when it refuses
 */
export async function answerOf<Output>(call: Promise<Output>): Promise<Output> {
  try {
    return await call;
  } catch (error) {
    if (isThrottled(error)) throw new ApiError('too_many_requests').causedBy(error);
    throw isRefusedByDynamodb(error) ? error : new NoAnswerError('DynamoDB did not answer', { cause: error });
  }
}
