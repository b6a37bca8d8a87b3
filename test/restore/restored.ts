// Restores tables as a point-in-time recovery does, for functions that use them.
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  type ScanCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import type { Table } from '../support/stored.ts';

const { dynamodbEndpoint, environment } = inject('stack');
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const engine = new DynamoDBClient({ endpoint: dynamodbEndpoint, region: 'us-east-1', credentials });

const tables: readonly Table[] = ['ACTOR_TOKENS', 'SESSIONS', 'CLIENTS', 'USERS', 'SECRET_KEYS'];

type Items = NonNullable<ScanCommandOutput['Items']>;

/** The content of the stack's tables at one instant. */
export type Backup = ReadonlyMap<Table, Items>;

export async function backup(): Promise<Backup> {
  const read = tables.map(async (table) => {
    const items: Items = [];
    let page: ScanCommandOutput | undefined;
    do {
      const command = new ScanCommand({
        TableName: environment[`${table}_TABLE`],
        ConsistentRead: true,
        ExclusiveStartKey: page?.LastEvaluatedKey,
      });
      page = await engine.send(command);
      items.push(...(page.Items ?? []));
    } while (page.LastEvaluatedKey);
    return [table, items] as const;
  });
  return new Map(await Promise.all(read));
}

/**
 * Restores a backup as DynamoDB does: into new tables with the keys, the indexes and the items, without the other settings of the
 * old tables. Returns the variables that name the new tables for functions.
 */
export async function restore(from: Backup, suffix: string): Promise<Readonly<Record<string, string>>> {
  const restored = [...from].map(async ([table, items]) => {
    const { Table } = await engine.send(new DescribeTableCommand({ TableName: environment[`${table}_TABLE`] }));
    const TableName = `${environment[`${table}_TABLE`]}-${suffix}`;
    await engine.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: Table?.KeySchema,
        AttributeDefinitions: Table?.AttributeDefinitions,
        GlobalSecondaryIndexes: Table?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({
          IndexName,
          KeySchema,
          Projection,
        })),
      }),
    );
    for (const Item of items) await engine.send(new PutItemCommand({ TableName, Item }));
    return [`${table}_TABLE`, TableName] as const;
  });
  return Object.fromEntries(await Promise.all(restored));
}
