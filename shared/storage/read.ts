import { setTimeout as delay } from 'node:timers/promises';
import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  GetItemCommand,
  type KeysAndAttributes,
  paginateScan,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { ApiError } from '../base/errors.ts';
import type { Instance } from '../base/instance.ts';
import { answerOf, dynamodbOf, pauseAfter } from './dynamodb.ts';
import { type Item, itemFrom } from './item.ts';

/** The item as it is now (a strongly consistent read), or undefined. */
export async function getItem(instance: Instance, table: string, key: Item): Promise<Item | undefined> {
  const command = new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true });
  const output = await answerOf(dynamodbOf(instance).send(command));
  return output.Item && itemFrom(output.Item);
}

/** Source: DynamoDB API reference, BatchGetItem: at most 100 keys a call. */
const KEYS_A_CALL = 100;
const BATCH_ATTEMPTS = 5;

/** The key of an item of a table. */
export interface ItemKey {
  readonly table: string;
  readonly id: string;
}

/** Items that were read; undefined for a key without an item. */
export type ReadItems = (key: ItemKey) => Item | undefined;

function nameOf({ table, id }: ItemKey): string {
  return `${table}/${id}`;
}

function requestOf(keys: readonly ItemKey[]): Record<string, KeysAndAttributes> {
  const byTable = Map.groupBy(keys, ({ table }) => table);
  return Object.fromEntries(
    [...byTable].map(([table, ofTable]) => [
      table,
      { Keys: ofTable.map(({ id }) => marshall({ id })), ConsistentRead: true },
    ]),
  );
}

/** The items of one BatchGetItem, by their names. */
async function getFewItems(instance: Instance, keys: readonly ItemKey[]): Promise<readonly [string, Item][]> {
  const found: [string, Item][] = [];
  let RequestItems = requestOf(keys);
  for (let attempt = 1; ; attempt += 1) {
    const command = new BatchGetItemCommand({ RequestItems });
    const output: BatchGetItemCommandOutput = await answerOf(dynamodbOf(instance).send(command));
    for (const [table, items] of Object.entries(output.Responses ?? {}))
      for (const item of items.map(itemFrom)) found.push([nameOf({ table, id: String(item.id) }), item]);
    // The keys that a throttled table has not read. The SDK repeats a call only when it was refused completely.
    RequestItems = output.UnprocessedKeys ?? {};
    if (Object.keys(RequestItems).length === 0) return found;
    if (attempt === BATCH_ATTEMPTS) throw new ApiError('service_unavailable');
    await delay(pauseAfter(attempt));
  }
}

/**
 * The items with these keys, of one or several tables, as they are now (strongly consistent): one call for 100 keys, none without a key.
 *
 * @throws `service_unavailable` when DynamoDB leaves keys unread, five times in a row; `too_many_requests`; NoAnswerError
 */
export async function getItemsByKey(instance: Instance, keys: readonly ItemKey[]): Promise<ReadItems> {
  // DynamoDB refuses a key that occurs twice.
  const distinct = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
  const found = new Map<string, Item>();
  for (let start = 0; start < distinct.length; start += KEYS_A_CALL)
    for (const [name, item] of await getFewItems(instance, distinct.slice(start, start + KEYS_A_CALL)))
      found.set(name, item);
  return (key) => found.get(nameOf(key));
}

/**
 * The items with these ids that exist, as they are now (strongly consistent), in the order of `ids`, read on demand.
 *
 * @throws as `getItemsByKey`
 */
export async function* getItems(instance: Instance, table: string, ids: readonly string[]): AsyncGenerator<Item> {
  for (let start = 0; start < ids.length; start += KEYS_A_CALL) {
    const keys = ids.slice(start, start + KEYS_A_CALL).map((id) => ({ table, id }));
    const itemOf = await getItemsByKey(instance, keys);
    yield* keys.map(itemOf).filter((item) => item !== undefined);
  }
}

/** One partition of an index, or the part of it that is sorted after a number. */
export interface IndexQuery {
  readonly table: string;
  readonly index: string;
  readonly partition: readonly [name: string, value: string];
  readonly after?: readonly [name: string, value: number] | undefined;
  /** False by default: newest first. */
  readonly oldestFirst?: boolean;
  /** The keys, of the index and of the table, of the item before the first. */
  readonly startAfter?: Item | undefined;
}

function queryInput({
  table,
  index,
  partition,
  after,
  oldestFirst = false,
  startAfter,
}: IndexQuery): QueryCommandInput {
  const conditions = ['#partition = :partition', ...(after ? ['#sort > :after'] : [])];
  return {
    TableName: table,
    IndexName: index,
    KeyConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: { '#partition': partition[0], ...(after && { '#sort': after[0] }) },
    ExpressionAttributeValues: marshall({ ':partition': partition[1], ...(after && { ':after': after[1] }) }),
    ScanIndexForward: oldestFirst,
    ...(startAfter && { ExclusiveStartKey: marshall(startAfter) }),
  };
}

async function* pages(instance: Instance, input: QueryCommandInput): AsyncGenerator<QueryCommandOutput> {
  let page: QueryCommandOutput | undefined;
  do {
    const command = new QueryCommand({ ...input, ...(page && { ExclusiveStartKey: page.LastEvaluatedKey }) });
    page = await answerOf(dynamodbOf(instance).send(command));
    yield page;
  } while (page.LastEvaluatedKey);
}

/**
 * The items of an index, read page by page on demand. An index is updated shortly after its table, so no security decision may depend on
 * it.
 */
export async function* queryIndex(instance: Instance, query: IndexQuery): AsyncGenerator<Item> {
  for await (const { Items = [] } of pages(instance, queryInput(query))) for (const item of Items) yield itemFrom(item);
}

/**
 * The items whose keys are in an index, as they are now (strongly consistent). An item that the index does not contain yet is missing.
 *
 * @throws as `getItemsByKey`
 */
export async function* itemsByIndex(instance: Instance, query: IndexQuery): AsyncGenerator<Item> {
  for await (const { Items = [] } of pages(instance, queryInput(query))) {
    const ids = Items.map((keys) => String(itemFrom(keys).id));
    yield* getItems(instance, query.table, ids);
  }
}

/** The number of items that `queryIndex` would return, without reading them. */
export async function countIndex(instance: Instance, query: IndexQuery): Promise<number> {
  let count = 0;
  for await (const page of pages(instance, { ...queryInput(query), Select: 'COUNT' })) count += page.Count ?? 0;
  return count;
}

/** A filter expression, in which `#name` and `:name` stand for the attribute and the value behind the sign. */
export interface ScanFilter {
  readonly expression: string;
  /** Attributes whose names DynamoDB reserves. */
  readonly names?: readonly string[];
  readonly values: Item;
}

function filterInput({ expression, names = [], values }: ScanFilter) {
  return {
    FilterExpression: expression,
    ...(names.length > 0 && { ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])) }),
    ExpressionAttributeValues: marshall(
      Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
    ),
  };
}

/**
 * The items of a table that meet the filter, as they are now (strongly consistent). It reads the whole table, so operators' commands use
 * it and no function does.
 */
export async function* scanTable(instance: Instance, table: string, filter?: ScanFilter): AsyncGenerator<Item> {
  const input = { TableName: table, ConsistentRead: true, ...(filter && filterInput(filter)) };
  const pages = paginateScan({ client: dynamodbOf(instance) }, input);
  for (let page = await answerOf(pages.next()); !page.done; page = await answerOf(pages.next()))
    for (const item of page.value.Items ?? []) yield itemFrom(item);
}
