import { setTimeout as delay } from 'node:timers/promises';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { ApiError } from '../base/errors.ts';
import type { Instance } from '../base/instance.ts';
import { answerOf, cancellationCodes, dynamodbOf, pauseAfter } from './dynamodb.ts';
import { type Item, itemFrom } from './item.ts';

/** The condition of a write did not hold. `current` is the item that was found, undefined when there was none. */
interface FailedCondition {
  readonly committed: false;
  readonly current: Item | undefined;
}

/** The write is in the table (`item`: what ReturnValues asked for), or its condition did not hold. */
export type WriteOutcome = { readonly committed: true; readonly item: Item } | FailedCondition;

/** All writes are in the tables, or none. Then `failed` has one entry per write, undefined where its own condition held. */
export type TransactionOutcome =
  | { readonly committed: true }
  | { readonly committed: false; readonly failed: readonly (FailedCondition | undefined)[] };

const CONFLICT_ATTEMPTS = 5;
const CONFLICT_BUDGET_IN_MS = 2000;

/** True when another transaction is changing the item. DynamoDB reports this in one form for plain writes, in another for transactions. */
function isConflict(error: unknown): boolean {
  const codes = cancellationCodes(error);
  if (codes.includes('ConditionalCheckFailed')) return false;
  if (codes.includes('TransactionConflict')) return true;
  return (
    error instanceof Error && ['TransactionConflictException', 'TransactionInProgressException'].includes(error.name)
  );
}

/**
 * Repeats a write that met a conflict, which the SDK does not: at most 5 attempts within 2 s, with full jitter.
 *
 * @throws `too_many_requests` when the conflict lasts longer
 */
async function repeatOnConflict<Output>(send: () => Promise<Output>): Promise<Output> {
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await answerOf(send());
    } catch (error) {
      if (!isConflict(error)) throw error;
      const pause = pauseAfter(attempt);
      const isLate = performance.now() - startedAt + pause > CONFLICT_BUDGET_IN_MS;
      if (attempt === CONFLICT_ATTEMPTS || isLate) throw new ApiError('too_many_requests').causedBy(error);
      await delay(pause);
    }
  }
}

function itemOf(attributes: Record<string, AttributeValue> | undefined): Item | undefined {
  return attributes && Object.keys(attributes).length > 0 ? itemFrom(attributes) : undefined;
}

/** Each overload of the SDK's `send` accepts one kind of command only. */
function send(instance: Instance, command: PutItemCommand | UpdateItemCommand) {
  const dynamodb = dynamodbOf(instance);
  return command instanceof PutItemCommand ? dynamodb.send(command) : dynamodb.send(command);
}

/**
 * Sends one conditional write. A condition that does not hold is an outcome, not an error; with
 * `ReturnValuesOnConditionCheckFailure: 'ALL_OLD'` the outcome has the item that was found. The SDK repeats a write whose answer was
 * lost, so the caller must recognise its own earlier write in `current`.
 *
 * @throws `too_many_requests`; NoAnswerError
 */
export async function write(instance: Instance, command: PutItemCommand | UpdateItemCommand): Promise<WriteOutcome> {
  try {
    const output = await repeatOnConflict(() => send(instance, command));
    return { committed: true, item: itemOf(output.Attributes) ?? {} };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { committed: false, current: itemOf(error.Item) };
    throw error;
  }
}

/**
 * Sends all writes as one transaction. `token` makes repeats of the same writes harmless for 10 minutes; other writes need another
 * token. Source: DynamoDB API reference, TransactWriteItems, ClientRequestToken.
 *
 * @throws `too_many_requests`; NoAnswerError
 */
export async function writeAll(
  instance: Instance,
  writes: readonly TransactWriteItem[],
  token: string,
): Promise<TransactionOutcome> {
  const command = new TransactWriteItemsCommand({ TransactItems: [...writes], ClientRequestToken: token });
  try {
    await repeatOnConflict(() => dynamodbOf(instance).send(command));
    return { committed: true };
  } catch (error) {
    const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
    if (!reasons.some(({ Code }) => Code === 'ConditionalCheckFailed')) throw error;
    const failed = reasons.map(({ Code, Item }): FailedCondition | undefined =>
      Code === 'ConditionalCheckFailed' ? { committed: false, current: itemOf(Item) } : undefined,
    );
    return { committed: false, failed };
  }
}
