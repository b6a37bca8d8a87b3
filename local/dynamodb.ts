import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { Refusal } from './refusal.ts';
import type { TableDefinition } from './stack.ts';
import { region } from './template.ts';

/** What the local engines accept from anyone; they check no signature. */
export const localCredentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** A client of a local engine. */
export function localDynamodb(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({ endpoint, region, credentials: localCredentials, maxAttempts: 1 });
}

/** @throws Refusal when no DynamoDB engine answers at the endpoint. */
export async function checkEngine(endpoint: string): Promise<void> {
  const dynamodb = localDynamodb(endpoint);
  try {
    await dynamodb.send(new ListTablesCommand({ Limit: 1 }), { abortSignal: AbortSignal.timeout(5000) });
  } catch {
    throw new Refusal(`No DynamoDB engine answers at ${endpoint}: start it, or unset DYNAMODB_ENDPOINT.`);
  } finally {
    dynamodb.destroy();
  }
}

function shape(definition: Pick<TableDefinition, 'KeySchema' | 'GlobalSecondaryIndexes'>): string {
  const indexes = (definition.GlobalSecondaryIndexes ?? []).map(
    ({ IndexName, KeySchema, Projection }) => `${IndexName} ${JSON.stringify(KeySchema)} ${Projection.ProjectionType}`,
  );
  return [JSON.stringify(definition.KeySchema), ...indexes.sort()].join('\n');
}

/**
 * Makes the tables that are missing, with their indexes. Time to live is left out: an engine would delete by the real clock
 * what the moved clock still needs.
 * @throws Refusal when a table is there with other keys or indexes, from an older version of the stack.
 */
export async function createTables(dynamodb: DynamoDBClient, definitions: readonly TableDefinition[]): Promise<void> {
  await Promise.all(definitions.map((definition) => createTable(dynamodb, definition)));
}

async function createTable(dynamodb: DynamoDBClient, definition: TableDefinition): Promise<void> {
  const { name, KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = definition;
  const existing = await describe(dynamodb, name);
  if (existing === shape(definition)) return;
  if (existing !== undefined)
    throw new Refusal(
      `The stored table ${name} has other keys or indexes than the stack: start with "npm start -- --fresh".`,
    );
  await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema,
      AttributeDefinitions,
      GlobalSecondaryIndexes: GlobalSecondaryIndexes?.map(
        ({ Projection: { ProjectionType, NonKeyAttributes }, ...index }) => ({
          ...index,
          Projection: { ProjectionType, NonKeyAttributes },
        }),
      ),
    }),
  );
}

async function describe(dynamodb: DynamoDBClient, name: string): Promise<string | undefined> {
  try {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
    const keys = (schema: readonly { AttributeName?: string | undefined; KeyType?: 'HASH' | 'RANGE' | undefined }[]) =>
      schema.map(({ AttributeName = '', KeyType = 'HASH' }) => ({ AttributeName, KeyType }));
    return shape({
      KeySchema: keys(Table?.KeySchema ?? []),
      GlobalSecondaryIndexes: (Table?.GlobalSecondaryIndexes ?? []).map((index) => ({
        IndexName: index.IndexName ?? '',
        KeySchema: keys(index.KeySchema ?? []),
        Projection: { ProjectionType: index.Projection?.ProjectionType ?? 'ALL' },
      })),
    });
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Deletes these tables with what they hold; a missing one is passed over. */
export async function deleteTables(dynamodb: DynamoDBClient, definitions: readonly TableDefinition[]): Promise<void> {
  for (const { name } of definitions)
    await dynamodb.send(new DeleteTableCommand({ TableName: name })).catch((error: unknown) => {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    });
}
