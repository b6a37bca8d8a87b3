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
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { ApiError } from '../base/errors.ts';
import { answered, cancellationCodes, dynamodb, pauseAfter } from './dynamodb.ts';

export type Item = Readonly<Record<string, unknown>>;

/** The condition of a write did not hold; `current` is the item that stood against it, undefined when there was none. */
export interface Refused {
  readonly committed: false;
  readonly current: Item | undefined;
}

/** The write is in the table (`item`: what ReturnValues asked for), or its condition did not hold. */
export type WriteOutcome = { readonly committed: true; readonly item: Item } | Refused;

/** All writes are in the tables, or none: then `refused` has one entry per write, undefined where its own condition held. */
export type TransactionOutcome =
  | { readonly committed: true }
  | { readonly committed: false; readonly refused: readonly (Refused | undefined)[] };

const CONFLICT_ATTEMPTS = 5;
const CONFLICT_BUDGET_IN_MS = 2000;

/** Another transaction holds the item. DynamoDB says so in two ways: one for plain writes, one for transactions. */
function isConflict(error: unknown): boolean {
  const codes = cancellationCodes(error);
  if (codes.includes('ConditionalCheckFailed')) return false;
  if (codes.includes('TransactionConflict')) return true;
  return (
    error instanceof Error && ['TransactionConflictException', 'TransactionInProgressException'].includes(error.name)
  );
}

/**
 * Repeats a write that met a conflict, which the SDK does not: at most 5 times within 2 s, with full jitter.
 *
 * @throws `too_many_requests` when the conflict outlives that
 */
async function untilNoConflict<Output>(send: () => Promise<Output>): Promise<Output> {
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await answered(send());
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
  return attributes && Object.keys(attributes).length > 0 ? unmarshall(attributes) : undefined;
}

/**
 * Sends one conditional write. A condition that does not hold is an outcome, not an error; ask for
 * `ReturnValuesOnConditionCheckFailure: 'ALL_OLD'` to learn what stood against it. The SDK repeats a write whose answer was
 * lost, so the caller must recognise its own earlier write in `current`.
 *
 * @throws `too_many_requests`; NoAnswerError
 */
export async function write(command: PutItemCommand | UpdateItemCommand): Promise<WriteOutcome> {
  try {
    const output = await untilNoConflict(() => send(command));
    return { committed: true, item: itemOf(output.Attributes) ?? {} };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { committed: false, current: itemOf(error.Item) };
    throw error;
  }
}

/** The SDK's overloads take one kind of command each. */
function send(command: PutItemCommand | UpdateItemCommand) {
  return command instanceof PutItemCommand ? dynamodb.send(command) : dynamodb.send(command);
}

/**
 * Sends all writes as one transaction. `token` makes repeats of the very same writes harmless for 10 minutes; other writes
 * need another token. Source: DynamoDB API reference, TransactWriteItems, ClientRequestToken.
 *
 * @throws `too_many_requests`; NoAnswerError
 */
export async function writeAll(writes: readonly TransactWriteItem[], token: string): Promise<TransactionOutcome> {
  const command = new TransactWriteItemsCommand({ TransactItems: [...writes], ClientRequestToken: token });
  try {
    await untilNoConflict(() => dynamodb.send(command));
    return { committed: true };
  } catch (error) {
    const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
    if (!reasons.some(({ Code }) => Code === 'ConditionalCheckFailed')) throw error;
    const refused = reasons.map(({ Code, Item }): Refused | undefined =>
      Code === 'ConditionalCheckFailed' ? { committed: false, current: itemOf(Item) } : undefined,
    );
    return { committed: false, refused };
  }
}
