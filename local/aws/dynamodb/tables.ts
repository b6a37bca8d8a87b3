import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { localCredentials, region } from '../account.ts';
import { StartError } from '../start-error.ts';

const keySchema = v.array(v.object({ AttributeName: v.string(), KeyType: v.picklist(['HASH', 'RANGE']) }));
const projection = v.object({
  ProjectionType: v.picklist(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: v.optional(v.array(v.string())),
});
const index = v.object({ IndexName: v.string(), KeySchema: keySchema, Projection: projection });

/** The properties of a table that are understood. Time to live is not: an engine would delete by the real clock. */
export const tableProperties = v.object({
  KeySchema: keySchema,
  AttributeDefinitions: v.array(v.object({ AttributeName: v.string(), AttributeType: v.picklist(['S', 'N', 'B']) })),
  GlobalSecondaryIndexes: v.optional(v.array(index)),
  StreamSpecification: v.optional(v.object({ StreamViewType: v.literal('NEW_AND_OLD_IMAGES') })),
});

export type LocalTable = v.InferOutput<typeof tableProperties> & { readonly name: string };

/** A table exists with other keys or indexes than the stack's. */
export class TableMismatch extends StartError {
  override readonly name = 'TableMismatch';
}

/** Returns a client of a local engine. */
export function localDynamodb(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({ endpoint, region, credentials: localCredentials, maxAttempts: 1 });
}

/** True when a DynamoDB engine answers at the endpoint within five seconds. */
export async function answersAsDynamodb(endpoint: string): Promise<boolean> {
  const dynamodb = localDynamodb(endpoint);
  try {
    await dynamodb.send(new ListTablesCommand({ Limit: 1 }), { abortSignal: AbortSignal.timeout(5000) });
    return true;
  } catch {
    return false;
  } finally {
    dynamodb.destroy();
  }
}

function shape({ KeySchema, GlobalSecondaryIndexes = [] }: TableDescription): string {
  const keys = (schema: TableDescription['KeySchema'] = []) =>
    schema.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`).join(', ');
  const indexes = GlobalSecondaryIndexes.map(
    ({ IndexName, KeySchema, Projection }) => `${IndexName} ${keys(KeySchema)} ${Projection?.ProjectionType}`,
  );
  return [keys(KeySchema), ...indexes.sort()].join('\n');
}

/**
 * Creates the tables that do not exist, with their indexes.
 *
 * @throws TableMismatch when a table exists with other keys or indexes
 */
export async function createTables(dynamodb: DynamoDBClient, tables: readonly LocalTable[]): Promise<void> {
  await Promise.all(tables.map((table) => createTable(dynamodb, table)));
}

async function createTable(
  dynamodb: DynamoDBClient,
  { name, StreamSpecification: stream, ...properties }: LocalTable,
): Promise<void> {
  const existing = await describeTable(dynamodb, name);
  const StreamSpecification = stream && { ...stream, StreamEnabled: true };
  if (!existing) {
    const input = { TableName: name, BillingMode: 'PAY_PER_REQUEST', ...properties } as const;
    await dynamodb.send(new CreateTableCommand({ ...input, ...(StreamSpecification && { StreamSpecification }) }));
    return;
  }
  if (StreamSpecification && !existing.StreamSpecification?.StreamEnabled)
    await dynamodb.send(new UpdateTableCommand({ TableName: name, StreamSpecification }));
  if (shape(existing) !== shape(properties))
    throw new TableMismatch(`The stored table ${name} has other keys or indexes than the stack.`);
}

async function describeTable(dynamodb: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await dynamodb.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Deletes these tables and their items; ignores those that do not exist. */
export async function deleteTables(dynamodb: DynamoDBClient, tables: readonly LocalTable[]): Promise<void> {
  for (const { name } of tables)
    await dynamodb.send(new DeleteTableCommand({ TableName: name })).catch((error: unknown) => {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    });
}
