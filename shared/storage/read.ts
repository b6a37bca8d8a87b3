import { setTimeout as delay } from 'node:timers/promises';
import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  GetItemCommand,
  type KeysAndAttributes,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { ApiError } from '../base/errors.ts';
import { answered, dynamodb, pauseAfter } from './dynamodb.ts';
import type { Item } from './write.ts';

/** The item as it is now (a strongly consistent read), or undefined. */
export async function getItem(table: string, key: Readonly<Record<string, string>>): Promise<Item | undefined> {
  const command = new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true });
  const output = await answered(dynamodb.send(command));
  return output.Item && unmarshall(output.Item);
}

/** Source: DynamoDB API reference, BatchGetItem: at most 100 keys a call. */
const KEYS_A_CALL = 100;
const BATCH_ATTEMPTS = 5;

/** Those of at most 100 items that exist, as they are now (strongly consistent), in the order of `ids`. */
async function getFewItems(table: string, ids: readonly string[]): Promise<readonly Item[]> {
  const found = new Map<unknown, Item>();
  let asked: KeysAndAttributes | undefined = { Keys: ids.map((id) => marshall({ id })), ConsistentRead: true };
  for (let attempt = 1; ; attempt += 1) {
    const command = new BatchGetItemCommand({ RequestItems: { [table]: asked } });
    const output: BatchGetItemCommandOutput = await answered(dynamodb.send(command));
    for (const item of output.Responses?.[table] ?? []) {
      const read = unmarshall(item);
      found.set(read.id, read);
    }
    // What a throttled table left out. The SDK repeats only a call that was refused whole.
    asked = output.UnprocessedKeys?.[table];
    if (!asked) return ids.map((id) => found.get(id)).filter((item) => item !== undefined);
    if (attempt === BATCH_ATTEMPTS) throw new ApiError('too_many_requests');
    await delay(pauseAfter(attempt));
  }
}

/**
 * Those of the items that exist, as they are now (strongly consistent), in the order of `ids`, none of which may be there
 * twice.
 *
 * @throws `too_many_requests`; NoAnswerError
 */
export async function* getItems(table: string, ids: readonly string[]): AsyncGenerator<Item> {
  for (let start = 0; start < ids.length; start += KEYS_A_CALL)
    yield* await getFewItems(table, ids.slice(start, start + KEYS_A_CALL));
}

/** One partition of an index, or the part of it that is sorted after a number. */
export interface IndexQuery {
  readonly table: string;
  readonly index: string;
  readonly partition: readonly [name: string, value: string];
  readonly after?: readonly [name: string, value: number];
  /** Newest first unless told. */
  readonly oldestFirst?: boolean;
}

function queryInput({ table, index, partition, after, oldestFirst = false }: IndexQuery): QueryCommandInput {
  const conditions = ['#partition = :partition', ...(after ? ['#sort > :after'] : [])];
  return {
    TableName: table,
    IndexName: index,
    KeyConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: { '#partition': partition[0], ...(after && { '#sort': after[0] }) },
    ExpressionAttributeValues: marshall({ ':partition': partition[1], ...(after && { ':after': after[1] }) }),
    ScanIndexForward: oldestFirst,
  };
}

async function* pages(input: QueryCommandInput): AsyncGenerator<QueryCommandOutput> {
  let page: QueryCommandOutput | undefined;
  do {
    page = await answered(dynamodb.send(new QueryCommand({ ...input, ExclusiveStartKey: page?.LastEvaluatedKey })));
    yield page;
  } while (page.LastEvaluatedKey);
}

/**
 * The items of an index, page by page as they are asked for. An index lags behind its table by a moment: no security decision
 * may rest on it.
 */
export async function* queryIndex(query: IndexQuery): AsyncGenerator<Item> {
  for await (const { Items = [] } of pages(queryInput(query))) for (const item of Items) yield unmarshall(item);
}

/**
 * The items that an index tells the keys of, as they are now (strongly consistent). One that the index does not know yet is
 * not among them.
 *
 * @throws `too_many_requests`; NoAnswerError
 */
export async function* itemsByIndex(query: IndexQuery): AsyncGenerator<Item> {
  for await (const { Items = [] } of pages(queryInput(query))) {
    const ids = Items.map((keys): string => unmarshall(keys).id);
    yield* getItems(query.table, ids);
  }
}

/** How many items `queryIndex` would give, without reading them. */
export async function countIndex(query: IndexQuery): Promise<number> {
  let count = 0;
  for await (const page of pages({ ...queryInput(query), Select: 'COUNT' })) count += page.Count ?? 0;
  return count;
}
