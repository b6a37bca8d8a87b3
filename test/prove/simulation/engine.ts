/**
 * DynamoDB in memory: tables with every version of every item, conditions, transactions and late indexes. Its effects are atomic, and it
 * answers with the JSON and the exceptions of the service. It knows what the product uses, and throws on everything else.
 *
 * Sources: DynamoDB API reference; DynamoDB developer guide, Read consistency, Global secondary indexes, Transactions.
 */
import type {
  AttributeValue,
  BatchGetItemCommandInput,
  GetItemCommandInput,
  PutItemCommandInput,
  QueryCommandInput,
  ScanCommandInput,
  TransactWriteItem,
  TransactWriteItemsCommandInput,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { type IndexDefinition, type TableDefinition, tableDefinitions } from '../../../cdk/table-definitions.ts';
import { type Attributes, meets, placeholdersIn, updated } from './expressions.ts';

/** An exception of the service, with the members of its body. */
export class ServiceException extends Error {
  readonly type: string;
  readonly status: number;
  readonly members: object;

  constructor(
    type: string,
    { status = 400, ...members }: { readonly status?: number; readonly [name: string]: unknown } = {},
  ) {
    super(type);
    this.type = type;
    this.status = status;
    this.members = members;
  }
}

/** A change that was committed. */
export interface Change {
  readonly table: string;
  readonly key: string;
  readonly before: Attributes | undefined;
  readonly after: Attributes | undefined;
  readonly at: number;
}

interface Version {
  readonly at: number;
  readonly item: Attributes | undefined;
}

/** The parts of a write that the engine needs. */
interface Write {
  readonly table: string;
  readonly key: string;
  readonly condition: string | undefined;
  readonly returnsOld: boolean;
  readonly input: {
    readonly ExpressionAttributeNames?: Record<string, string> | undefined;
    readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
  };
  readonly effect: (before: Attributes | undefined) => Attributes | undefined;
}

/** DynamoDB forgets a token after ten minutes. Source: API reference, TransactWriteItems, ClientRequestToken. */
const TOKEN_LIFE_IN_MS = 600_000;
/** The real limit is 1 MB. A small page makes a query of a few items read several. */
const ITEMS_A_PAGE = 3;

const definitions: Readonly<Record<string, TableDefinition>> = tableDefinitions;

function definitionOf(table: string): TableDefinition {
  const definition = definitions[table];
  if (!definition) throw new ServiceException('ResourceNotFoundException', { message: `There is no table ${table}.` });
  return definition;
}

function required(text: string | undefined): string {
  if (text === undefined) throw new ServiceException('ValidationException', { message: 'A member is missing.' });
  return text;
}

function keyIn(table: string, attributes: Attributes | undefined): string {
  return required(attributes?.[definitionOf(table).partitionKey]?.S);
}

function placeholdersOf({
  ExpressionAttributeNames: names = {},
  ExpressionAttributeValues: values = {},
}: Write['input']) {
  return { names, values };
}

/** Refuses a placeholder that is defined and not used, or used and not defined, as the service does. */
function checkPlaceholders(input: Write['input'], expressions: readonly (string | undefined)[]): void {
  const { names, values } = placeholdersOf(input);
  const used = new Set(expressions.flatMap((each) => placeholdersIn(each ?? '')));
  const defined = new Set([...Object.keys(names), ...Object.keys(values)]);
  const wrong = [...used.symmetricDifference(defined)];
  if (wrong.length > 0) throw new ServiceException('ValidationException', { message: `Unused or undefined: ${wrong}` });
}

function put(input: PutItemCommandInput): Write {
  const { TableName, Item, ConditionExpression, ReturnValuesOnConditionCheckFailure } = input;
  const table = required(TableName);
  checkPlaceholders(input, [ConditionExpression]);
  return {
    table,
    key: keyIn(table, Item),
    condition: ConditionExpression,
    returnsOld: ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
    input,
    effect: () => Item,
  };
}

/** The members that updates, deletions and checks have in common. */
type Keyed = Pick<
  UpdateItemCommandInput,
  'TableName' | 'Key' | 'ConditionExpression' | 'ReturnValuesOnConditionCheckFailure'
> &
  Write['input'];

function keyed(input: Keyed, effect: Write['effect'], expression?: string): Write {
  const { TableName, Key, ConditionExpression, ReturnValuesOnConditionCheckFailure } = input;
  const table = required(TableName);
  checkPlaceholders(input, [ConditionExpression, expression]);
  return {
    table,
    key: keyIn(table, Key),
    condition: ConditionExpression,
    returnsOld: ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
    input,
    effect,
  };
}

function update(
  input: Omit<UpdateItemCommandInput, 'Key'> & { Key?: Record<string, AttributeValue> | undefined },
): Write {
  const expression = required(input.UpdateExpression);
  const effect: Write['effect'] = (before) => updated(before ?? { ...input.Key }, expression, placeholdersOf(input));
  return keyed({ ...input, Key: input.Key }, effect, expression);
}

function writeOf({ Put, Update, Delete, ConditionCheck }: TransactWriteItem): Write {
  if (Put) return put(Put);
  if (Update) return update(Update);
  if (Delete) return keyed(Delete, () => undefined);
  if (ConditionCheck) return keyed(ConditionCheck, (before) => before);
  throw new Error('The engine does not know this write of a transaction.');
}

/** The instants that reads without consistency see. The scheduler chooses them. */
export interface Lag {
  /** An instant up to now, whose state the next eventually consistent read sees. */
  readonly seenAt: () => number;
}

/** The keys of a batch that are left unread, by their place in it: ids differ from run to run. The scheduler chooses them. */
type LeavesUnread = (place: string) => boolean;

export class Engine {
  readonly #tables = new Map<string, Map<string, Version[]>>();
  readonly #tokens = new Map<string, { readonly text: string; readonly at: number }>();
  readonly #now: () => number;
  readonly #lag: Lag;
  /** Every change, in the order of the commits. */
  readonly changes: Change[] = [];

  constructor(now: () => number, lag: Lag) {
    this.#now = now;
    this.#lag = lag;
  }

  /** Returns the newest items of a table by their keys. */
  items(table: string): ReadonlyMap<string, Attributes> {
    const newest = [...this.#versions(table)].map(([key, versions]) => [key, versions.at(-1)?.item] as const);
    return new Map(newest.filter((entry): entry is [string, Attributes] => entry[1] !== undefined));
  }

  /** Stores an item as it was at a time before the first request. That is no change. */
  store(table: string, item: Attributes, at: number): void {
    this.#versions(table).set(keyIn(table, item), [{ at, item }]);
  }

  /** Returns an item as it is now. */
  newest(table: string, key: string): Attributes | undefined {
    return this.#versions(table).get(key)?.at(-1)?.item;
  }

  /** Answers a request. Throws a ServiceException for one that the service refuses. */
  execute(operation: string, body: object, leavesUnread: LeavesUnread = () => false): object {
    switch (operation) {
      case 'GetItem':
        return this.#get(body as GetItemCommandInput);
      case 'BatchGetItem':
        return this.#batchGet(body as BatchGetItemCommandInput, leavesUnread);
      case 'Query':
        return this.#query(body as QueryCommandInput);
      case 'Scan':
        return this.#scan(body as ScanCommandInput);
      case 'PutItem':
        return this.#writeOne(put(body as PutItemCommandInput), undefined);
      case 'UpdateItem':
        return this.#writeOne(update(body as UpdateItemCommandInput), (body as UpdateItemCommandInput).ReturnValues);
      case 'TransactWriteItems':
        return this.#transact(body as TransactWriteItemsCommandInput);
      default:
        throw new Error(`The engine does not know ${operation}.`);
    }
  }

  #versions(table: string): Map<string, Version[]> {
    definitionOf(table);
    const known = this.#tables.get(table) ?? new Map<string, Version[]>();
    this.#tables.set(table, known);
    return known;
  }

  /** Returns an item as it was at a time. */
  itemAt(table: string, key: string, at: number): Attributes | undefined {
    return this.#versions(table)
      .get(key)
      ?.findLast((version) => version.at <= at)?.item;
  }

  #commit(table: string, key: string, after: Attributes | undefined): void {
    const before = this.newest(table, key);
    if (before === after) return;
    const versions = this.#versions(table).get(key) ?? [];
    versions.push({ at: this.#now(), item: after });
    this.#versions(table).set(key, versions);
    this.changes.push({ table, key, before, after, at: this.#now() });
  }

  #read(table: string, key: string, isConsistent: boolean | undefined): Attributes | undefined {
    return isConsistent ? this.newest(table, key) : this.itemAt(table, key, this.#lag.seenAt());
  }

  #get({ TableName, Key, ConsistentRead }: GetItemCommandInput): object {
    const table = required(TableName);
    const Item = this.#read(table, keyIn(table, Key), ConsistentRead);
    return Item ? { Item } : {};
  }

  #batchGet({ RequestItems = {} }: BatchGetItemCommandInput, leavesUnread: LeavesUnread): object {
    const tables = Object.entries(RequestItems).map(([table, { Keys = [], ConsistentRead }]) => {
      const keys = Keys.map((attributes) => ({ attributes, key: keyIn(table, attributes) }));
      if (new Set(keys.map(({ key }) => key)).size < keys.length)
        throw new ServiceException('ValidationException', {
          message: 'Provided list of item keys contains duplicates',
        });
      const isUnread = keys.map((_, index) => leavesUnread(`${table} ${index}`));
      const unread = keys.filter((_, index) => isUnread[index]);
      const read = keys.filter((_, index) => !isUnread[index]);
      const items = read.map(({ key }) => this.#read(table, key, ConsistentRead)).filter((item) => item !== undefined);
      return { table, items, unread: unread.map(({ attributes }) => attributes), ConsistentRead };
    });
    const unprocessed = tables.filter(({ unread }) => unread.length > 0);
    return {
      Responses: Object.fromEntries(tables.map(({ table, items }) => [table, items])),
      UnprocessedKeys: Object.fromEntries(
        unprocessed.map(({ table, unread, ConsistentRead }) => [table, { Keys: unread, ConsistentRead }]),
      ),
    };
  }

  #scan({ TableName, ConsistentRead, FilterExpression }: ScanCommandInput): object {
    if (!ConsistentRead || FilterExpression) throw new Error('The engine does not know this scan.');
    return { Items: [...this.items(required(TableName)).values()] };
  }

  #query(input: QueryCommandInput): object {
    const { IndexName, KeyConditionExpression, FilterExpression, ExclusiveStartKey, ScanIndexForward = true } = input;
    const table = required(input.TableName);
    const index: IndexDefinition | undefined = definitionOf(table).indexes[required(IndexName)];
    if (!index) throw new ServiceException('ValidationException', { message: `There is no index ${IndexName}.` });
    checkPlaceholders(input, [KeyConditionExpression, FilterExpression]);
    const keys = [definitionOf(table).partitionKey, index.partitionKey, ...(index.sortKey ? [index.sortKey] : [])];
    const seenAt = this.#lag.seenAt();
    const direction = ScanIndexForward ? 1 : -1;
    const sortValue = (item: Attributes) => Number(item[index.sortKey ?? '']?.N ?? 0);
    // Items with one sort key have the order in which they were stored: ids differ from run to run.
    const places = new Map([...this.#versions(table).keys()].map((key, place) => [key, place]));
    const placeOf = (item: Attributes) => places.get(keyIn(table, item)) ?? 0;
    const position = (one: Attributes, other: Attributes) =>
      direction * (sortValue(one) - sortValue(other) || placeOf(one) - placeOf(other));
    const found = [...this.#versions(table).keys()]
      .map((key) => this.itemAt(table, key, seenAt))
      .filter((item) => item !== undefined)
      .filter((item) => keys.every((name) => item[name] !== undefined))
      .filter((item) => meets(item, KeyConditionExpression, placeholdersOf(input)))
      .filter((item) => !ExclusiveStartKey || position(ExclusiveStartKey, item) < 0)
      .filter((item) => !ExclusiveStartKey || keyIn(table, item) !== keyIn(table, ExclusiveStartKey))
      .sort(position);
    const page = found.slice(0, ITEMS_A_PAGE);
    const matching = page.filter((item) => meets(item, FilterExpression, placeholdersOf(input)));
    const keysOf = (item: Attributes) => Object.fromEntries(keys.map((name) => [name, item[name]]));
    const last = found.length > page.length ? page.at(-1) : undefined;
    return {
      Count: matching.length,
      ScannedCount: page.length,
      ...(input.Select !== 'COUNT' && { Items: index.copies === 'all' ? matching : matching.map(keysOf) }),
      ...(last && { LastEvaluatedKey: keysOf(last) }),
    };
  }

  #holds({ table, key, condition, input }: Write): boolean {
    return meets(this.newest(table, key), condition, placeholdersOf(input));
  }

  #writeOne(write: Write, returned: UpdateItemCommandInput['ReturnValues']): object {
    const { table, key, returnsOld, effect } = write;
    const before = this.newest(table, key);
    if (!this.#holds(write))
      throw new ServiceException('ConditionalCheckFailedException', {
        message: 'The conditional request failed',
        ...(returnsOld && before && { Item: before }),
      });
    const after = effect(before);
    this.#commit(table, key, after);
    return returned === 'ALL_NEW' ? { Attributes: after } : {};
  }

  #transact({ TransactItems = [], ClientRequestToken: token }: TransactWriteItemsCommandInput): object {
    const text = JSON.stringify(TransactItems);
    const earlier = token === undefined ? undefined : this.#tokens.get(token);
    if (earlier && this.#now() - earlier.at < TOKEN_LIFE_IN_MS) {
      if (earlier.text === text) return {};
      throw new ServiceException('IdempotentParameterMismatchException', { message: 'Other parameters' });
    }
    const writes = TransactItems.map(writeOf);
    if (new Set(writes.map(({ table, key }) => `${table}/${key}`)).size < writes.length)
      throw new ServiceException('ValidationException', { message: 'Two operations on one item' });
    const failed = writes.map((write) => !this.#holds(write));
    if (failed.includes(true)) {
      const CancellationReasons = writes.map(({ table, key, returnsOld }, index) => {
        if (!failed[index]) return { Code: 'None' };
        const Item = returnsOld ? this.newest(table, key) : undefined;
        return { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', ...(Item && { Item }) };
      });
      throw new ServiceException('TransactionCanceledException', {
        Message: 'Transaction cancelled',
        CancellationReasons,
      });
    }
    for (const { table, key, effect } of writes) this.#commit(table, key, effect(this.newest(table, key)));
    if (token !== undefined) this.#tokens.set(token, { text, at: this.#now() });
    return {};
  }
}
