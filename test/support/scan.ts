// Reads whole tables, page by page, because other test files store items at the same time.
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { inject } from 'vitest';
import type { StoredItem, Table } from './stored.ts';

export const TABLES: readonly Table[] = ['ACTOR_TOKENS', 'SESSIONS', 'CLIENTS', 'USERS', 'SECRET_KEYS', 'BLOCKLIST'];

const { dynamodbEndpoint, environment } = inject('stack');
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const client = new DynamoDBClient({ endpoint: dynamodbEndpoint, region: 'us-east-1', credentials });

/** Returns the items of a table with these attributes. */
export async function itemsWith(table: Table, attributes: StoredItem): Promise<StoredItem[]> {
  const names = Object.keys(attributes);
  const filter = {
    FilterExpression: names.map((name) => `#${name} = :${name}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: marshall(
      Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value])),
    ),
  };
  return all(table, names.length > 0 ? filter : {});
}

/** Returns everything that is stored, as text. */
export async function everythingStored(): Promise<string> {
  const tables = await Promise.all(TABLES.map((table) => all(table, {})));
  return JSON.stringify(tables);
}

async function all(table: Table, filter: object): Promise<StoredItem[]> {
  const input = { TableName: environment[`${table}_TABLE`], ConsistentRead: true, ...filter };
  const items: StoredItem[] = [];
  for await (const { Items = [] } of paginateScan({ client }, input))
    items.push(...Items.map((item) => unmarshall(item)));
  return items;
}
