import {
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { answered, dynamodb } from './dynamodb.ts';
import type { Item } from './write.ts';

/** The item as it is now (a strongly consistent read), or undefined. */
export async function getItem(table: string, key: Readonly<Record<string, string>>): Promise<Item | undefined> {
  const command = new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true });
  const output = await answered(dynamodb.send(command));
  return output.Item && unmarshall(output.Item);
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

/** How many items `queryIndex` would give, without reading them. */
export async function countIndex(query: IndexQuery): Promise<number> {
  let count = 0;
  for await (const page of pages({ ...queryInput(query), Select: 'COUNT' })) count += page.Count ?? 0;
  return count;
}
