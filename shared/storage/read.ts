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

function* chunksOf<Key>(keys: readonly Key[]): Generator<readonly Key[]> {
  for (let start = 0; start < keys.length; start += KEYS_A_CALL) yield keys.slice(start, start + KEYS_A_CALL);
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
  for (const chunk of chunksOf(distinct))
    for (const [name, item] of await getFewItems(instance, chunk)) found.set(name, item);
  return (key) => found.get(nameOf(key));
}

/**
 * The items with these ids that exist, as they are now (strongly consistent), in the order of `ids`, read on demand.
 *
 * @throws as `getItemsByKey`
 */
export async function* getItems(instance: Instance, table: string, ids: readonly string[]): AsyncGenerator<Item> {
  for (const chunk of chunksOf(ids)) {
    const keys = chunk.map((id) => ({ table, id }));
    const itemOf = await getItemsByKey(instance, keys);
    yield* keys.map(itemOf).filter((item) => item !== undefined);
  }
}

/** A filter expression, in which `#name` and `:name` stand for the attribute and the value behind the sign. */
export interface Filter {
  readonly expression: string;
  /** Attributes whose names DynamoDB reserves. */
  readonly names?: readonly string[];
  readonly values: Item;
}

function namesInput(names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [`#${name}`, name]));
}

function valuesInput(values: Item) {
  return marshall(Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])));
}

/** The part of a partition whose sort key lies between two whole numbers, which belong to it. */
export interface SortKeyRange {
  readonly sortKey: string;
  readonly first: number;
  readonly last?: number;
}

/** One partition of an index, or a part of it. */
export interface IndexQuery {
  readonly table: string;
  readonly index: string;
  readonly partition: readonly [name: string, value: string];
  /** It is not empty: DynamoDB refuses an empty one. */
  readonly range?: SortKeyRange | undefined;
  /** False by default: newest first. */
  readonly oldestFirst?: boolean;
  /** The keys, of the index and of the table, of the item before the first. They lie in the range. */
  readonly startAfter?: Item | undefined;
  /** Leaves items out of the answer. They are read, and cost, all the same. */
  readonly filter?: Filter | undefined;
}

function queryInput(query: IndexQuery): QueryCommandInput {
  const { table, index, partition, range, oldestFirst = false, startAfter, filter } = query;
  const [partitionKey, partitionValue] = partition;
  return {
    TableName: table,
    IndexName: index,
    KeyConditionExpression: `#partition = :partition${range ? ' AND #sort BETWEEN :first AND :last' : ''}`,
    ...(filter && { FilterExpression: filter.expression }),
    ExpressionAttributeNames: {
      '#partition': partitionKey,
      ...(range && { '#sort': range.sortKey }),
      ...namesInput(filter?.names ?? []),
    },
    ExpressionAttributeValues: valuesInput({
      partition: partitionValue,
      ...(range && { first: range.first, last: range.last ?? Number.MAX_SAFE_INTEGER }),
      ...filter?.values,
    }),
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
 * The items of an index, in pages of at most 1 MB of items read, on demand. An index is updated shortly after its table, so no security
 * decision may depend on it.
 */
export async function* queryIndex(instance: Instance, query: IndexQuery): AsyncGenerator<readonly Item[]> {
  for await (const { Items = [] } of pages(instance, queryInput(query))) yield Items.map(itemFrom);
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

function filterInput({ expression, names = [], values }: Filter) {
  return {
    FilterExpression: expression,
    ...(names.length > 0 && { ExpressionAttributeNames: namesInput(names) }),
    ExpressionAttributeValues: valuesInput(values),
  };
}

/**
 * The items of a table that meet the filter, as they are now (strongly consistent). It reads the whole table, so administrators' commands use
 * it and no function does.
 */
export async function* scanTable(instance: Instance, table: string, filter?: Filter): AsyncGenerator<Item> {
  const input = { TableName: table, ConsistentRead: true, ...(filter && filterInput(filter)) };
  const pages = paginateScan({ client: dynamodbOf(instance) }, input);
  for (let page = await answerOf(pages.next()); !page.done; page = await answerOf(pages.next()))
    for (const item of page.value.Items ?? []) yield itemFrom(item);
}
