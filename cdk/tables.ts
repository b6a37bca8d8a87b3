import {
  AttributeType,
  Billing,
  type ITableV2,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { auditedTables } from '../shared/audit/audited-tables.ts';
import type { Config } from './config/schema.ts';
import { type Protection, protectionOf } from './protection.ts';
import { type KeyAttributes, type TableDefinition, type TableName, tableDefinitions } from './table-definitions.ts';

/** The tables that the functions use: the instance's own, or restored ones in their place. */
export type Tables = Readonly<Record<TableName, Table>>;

interface Table extends Pick<ITableV2, 'tableName' | 'tableArn'> {
  /** Undefined for a table whose changes are not sealed. */
  readonly tableStreamArn?: string | undefined;
}

function keys({ partitionKey, sortKey }: KeyAttributes) {
  return {
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    ...(sortKey !== undefined && { sortKey: { name: sortKey, type: AttributeType.NUMBER } }),
  };
}

/**
 * Creates an on-demand table with point-in-time recovery in one Region: a replica would accept a second redemption of the same
 * ticket before the first one reaches it. It is encrypted with DynamoDB's own key: no stored item signs anyone in, and a KMS key
 * would add its request quota and its price to every call.
 */
function createTable(scope: Construct, name: TableName, protection: Protection, isSealed: boolean): TableV2 {
  const definition: TableDefinition = tableDefinitions[name];
  return new TableV2(scope, `${name}Table`, {
    ...keys(definition),
    globalSecondaryIndexes: Object.entries(definition.indexes).map(([indexName, index]) => ({
      indexName,
      ...keys(index),
      projectionType: index.copies === 'keys' ? ProjectionType.KEYS_ONLY : ProjectionType.ALL,
    })),
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.dynamoOwnedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    ...(definition.expires && { timeToLiveAttribute: 'ttl' }),
    ...(isSealed && { dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES }),
    deletionProtection: protection.deletionProtection,
    removalPolicy: protection.removalPolicy,
  });
}

/**
 * Creates the tables of an instance. A restored table takes the place of the instance's own one, which is kept: DynamoDB restores
 * into new tables only.
 */
export function createTables(scope: Construct, config: Config): Tables {
  const { audit, restoredTables } = config;
  const protection = protectionOf(config);
  const streams: { readonly [Name in TableName]?: string } = config.restoredStreams;
  const table = (name: TableName): Tables[TableName] => {
    const isSealed = audit === 'on' && auditedTables.some((audited) => audited === name);
    const own = createTable(scope, name, protection, isSealed);
    const tableName = restoredTables[name];
    if (tableName === undefined) return own;
    const tableStreamArn = streams[name];
    const attributes = { tableName, ...(tableStreamArn !== undefined && { tableStreamArn }) };
    return TableV2.fromTableAttributes(scope, `Restored${name}Table`, attributes);
  };
  return {
    ActorTokens: table('ActorTokens'),
    Sessions: table('Sessions'),
    Clients: table('Clients'),
    Users: table('Users'),
    SecretKeys: table('SecretKeys'),
    Blocklist: table('Blocklist'),
  };
}
