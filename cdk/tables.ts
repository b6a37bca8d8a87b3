import {
  AttributeType,
  Billing,
  type ITableV2,
  ProjectionType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { StageSettings } from './stages.ts';
import { type KeyAttributes, type TableDefinition, type TableName, tableDefinitions } from './table-definitions.ts';

/** The stack's own tables, or the restored ones that stand in for them. */
export type Tables = Readonly<Record<TableName, Pick<ITableV2, 'tableName' | 'tableArn'>>>;

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
function ownTable(scope: Construct, name: TableName, stage: StageSettings): TableV2 {
  const definition: TableDefinition = tableDefinitions[name];
  return new TableV2(scope, `${name}Table`, {
    ...keys(definition),
    globalSecondaryIndexes: Object.entries(definition.indexes).map(([indexName, index]) => ({
      indexName,
      ...keys(index),
      projectionType: index.tells === 'keys' ? ProjectionType.KEYS_ONLY : ProjectionType.ALL,
    })),
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.dynamoOwnedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    ...(definition.expires && { timeToLiveAttribute: 'ttl' }),
    deletionProtection: stage.deletionProtection,
    removalPolicy: stage.removalPolicy,
  });
}

/**
 * The five tables, directly in `scope`, so that their logical ids stay what a reader expects (`SessionsTable…`). One that was
 * restored stands in for the stack's own, which stays as it is: DynamoDB restores into a new table only.
 */
export function createTables(
  scope: Construct,
  stage: StageSettings,
  restored: { readonly [Name in TableName]?: string } = {},
): Tables {
  const table = (name: TableName): Tables[TableName] => {
    const own = ownTable(scope, name, stage);
    const restoredName = restored[name];
    return restoredName === undefined ? own : TableV2.fromTableName(scope, `Restored${name}Table`, restoredName);
  };
  return {
    ActorTokens: table('ActorTokens'),
    Sessions: table('Sessions'),
    Clients: table('Clients'),
    Users: table('Users'),
    SecretKeys: table('SecretKeys'),
  };
}
