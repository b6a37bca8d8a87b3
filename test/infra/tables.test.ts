import { describe, expect, test } from 'vitest';
import { nameOf, type Resource, resourcesOf, synthesized } from './synthesized.ts';

const dev = tablesOf('dev');
const prod = tablesOf('prod');

function tablesOf(stage: string): ReadonlyMap<string, Resource> {
  return new Map(
    resourcesOf(synthesized({ stage }), 'AWS::DynamoDB::GlobalTable').map(([id, table]) => [nameOf(id), table]),
  );
}

interface Key {
  readonly AttributeName: string;
  readonly KeyType: string;
}

function schemaOf({ Properties }: Resource): Record<string, string> {
  const {
    AttributeDefinitions,
    KeySchema,
    GlobalSecondaryIndexes = [],
  } = Properties as {
    AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
    KeySchema: Key[];
    GlobalSecondaryIndexes?: { IndexName: string; KeySchema: Key[]; Projection: { ProjectionType: string } }[];
  };
  const types = new Map(AttributeDefinitions.map((attribute) => [attribute.AttributeName, attribute.AttributeType]));
  const key = (schema: readonly Key[]) =>
    schema.map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName} ${types.get(AttributeName)}`).join(', ');
  return {
    table: key(KeySchema),
    ...Object.fromEntries(
      GlobalSecondaryIndexes.map((index) => [
        index.IndexName,
        `${key(index.KeySchema)}, ${index.Projection.ProjectionType}`,
      ]),
    ),
  };
}

function replicaOf(table: Resource): Record<string, unknown> {
  const [replica = {}] = table.Properties.Replicas as Record<string, unknown>[];
  return replica;
}

test('there are five tables, keyed and indexed by what they are asked for', () => {
  expect(Object.fromEntries([...dev].map(([name, table]) => [name, schemaOf(table)]))).toEqual({
    ActorTokensTable: { table: 'HASH id S' },
    SessionsTable: {
      table: 'HASH id S',
      byUser: 'HASH user_id S, RANGE created_at N, KEYS_ONLY',
      byClient: 'HASH client_id S, RANGE created_at N, KEYS_ONLY',
    },
    ClientsTable: { table: 'HASH id S' },
    UsersTable: {
      table: 'HASH id S',
      byCreated: 'HASH kind S, RANGE created_at N, ALL',
      byExternalId: 'HASH external_id S, ALL',
    },
    SecretKeysTable: { table: 'HASH hash S' },
  });
});

test('items expire by ttl in the tables of tokens, sessions and browsers; users and secret keys stay', () => {
  const ttl = [...dev].map(([name, { Properties }]) => [name, Properties.TimeToLiveSpecification]);

  expect(Object.fromEntries(ttl)).toEqual({
    ActorTokensTable: { AttributeName: 'ttl', Enabled: true },
    SessionsTable: { AttributeName: 'ttl', Enabled: true },
    ClientsTable: { AttributeName: 'ttl', Enabled: true },
    UsersTable: undefined,
    SecretKeysTable: undefined,
  });
});

describe.each([
  ['dev', dev],
  ['prod', prod],
])('every table in %s', (_stage, tables) => {
  test.each([...tables])('%s is billed on demand and can be restored to any second', (_name, table) => {
    expect(table.Properties.BillingMode).toBe('PAY_PER_REQUEST');
    expect(replicaOf(table)).toMatchObject({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } });
  });

  test.each([...tables])('%s lives in one Region, so that a ticket is redeemed once', (_name, table) => {
    expect(table.Properties.Replicas).toHaveLength(1);
    expect(replicaOf(table).Region).toEqual({ Ref: 'AWS::Region' });
  });
});

test('prod keeps its tables: they cannot be deleted and outlive the stack', () => {
  for (const table of prod.values()) {
    expect(replicaOf(table).DeletionProtectionEnabled).toBe(true);
    expect(table.DeletionPolicy).toBe('Retain');
  }
});

test('dev leaves no table behind', () => {
  for (const table of dev.values()) {
    expect(replicaOf(table).DeletionProtectionEnabled).toBe(false);
    expect(table.DeletionPolicy).toBe('Delete');
  }
});
