import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { StageSettings } from './stages.ts';

interface KeyAttributes {
  readonly partitionKey: string;
  /** Always a number: instants. */
  readonly sortKey?: string;
}

interface TableDefinition extends KeyAttributes {
  /** Whether items carry `ttl`, the second after which DynamoDB may tidy them away. */
  readonly expires: boolean;
  readonly indexes: Readonly<Record<string, KeyAttributes>>;
}

/**
 * The five tables, by what they hold. Each has its own natural key, so that IAM can say which function may write what.
 * Users never expire: there, a `ttl` could only ever delete someone by mistake.
 */
export const tableDefinitions = {
  ActorTokens: { partitionKey: 'id', expires: true, indexes: {} },
  Sessions: {
    partitionKey: 'id',
    expires: true,
    indexes: {
      byUser: { partitionKey: 'user_id', sortKey: 'created_at' },
      byClient: { partitionKey: 'client_id', sortKey: 'created_at' },
    },
  },
  Clients: { partitionKey: 'id', expires: true, indexes: {} },
  Users: {
    partitionKey: 'id',
    expires: false,
    indexes: {
      byCreated: { partitionKey: 'kind', sortKey: 'created_at' },
      byExternalId: { partitionKey: 'external_id' },
    },
  },
  SecretKeys: { partitionKey: 'hash', expires: true, indexes: {} },
} as const satisfies Record<string, TableDefinition>;

export type TableName = keyof typeof tableDefinitions;
export type IndexName<Name extends TableName> = keyof (typeof tableDefinitions)[Name]['indexes'];
export type Tables = Readonly<Record<TableName, TableV2>>;

function keys({ partitionKey, sortKey }: KeyAttributes) {
  return {
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    ...(sortKey !== undefined && { sortKey: { name: sortKey, type: AttributeType.NUMBER } }),
  };
}

/**
 * A table on demand with point-in-time recovery, in one Region: a replica would take a second redemption of the same
 * ticket before it has heard of the first. Encrypted with DynamoDB's own key: nothing stored signs anyone in, and a KMS
 * key would add its request quota and its price to every call.
 */
function table(scope: Construct, name: TableName, stage: StageSettings): TableV2 {
  const definition: TableDefinition = tableDefinitions[name];
  return new TableV2(scope, `${name}Table`, {
    ...keys(definition),
    globalSecondaryIndexes: Object.entries(definition.indexes).map(([indexName, index]) => ({
      indexName,
      ...keys(index),
    })),
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.dynamoOwnedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    ...(definition.expires && { timeToLiveAttribute: 'ttl' }),
    deletionProtection: stage.deletionProtection,
    removalPolicy: stage.removalPolicy,
  });
}

/** The five tables, directly in `scope`, so that their logical ids stay what a reader expects (`SessionsTable…`). */
export function createTables(scope: Construct, stage: StageSettings): Tables {
  return {
    ActorTokens: table(scope, 'ActorTokens', stage),
    Sessions: table(scope, 'Sessions', stage),
    Clients: table(scope, 'Clients', stage),
    Users: table(scope, 'Users', stage),
    SecretKeys: table(scope, 'SecretKeys', stage),
  };
}
