import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Permissions } from './permissions.ts';
import type { KeyName, SigningKeys } from './signing-key.ts';
import type { TableName, Tables } from './tables.ts';

/** The only signatures KMS makes for us: RS256 over a digest, so the size of the signed text does not matter. */
const RS256_OVER_A_DIGEST = {
  'kms:SigningAlgorithm': 'RSASSA_PKCS1_V1_5_SHA_256',
  'kms:MessageType': 'DIGEST',
};

function entries<Name extends string, Value>(record: { readonly [K in Name]?: Value } = {}): readonly [Name, Value][] {
  return Object.entries(record) as [Name, Value][];
}

/**
 * The policy statements that allow exactly `permissions`: named actions on named tables, indexes and keys. Written out,
 * since the grant methods of TableV2 add every index of the table (`/index/*`).
 */
export function statements(permissions: Permissions, tables: Tables, keys: SigningKeys): PolicyStatement[] {
  const onItems = entries<TableName, readonly string[]>(permissions.tables).map(
    ([table, actions]) =>
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [tables[table].tableArn],
      }),
  );
  const onIndexes = entries<TableName, readonly string[]>(permissions.indexes).map(
    ([table, indexes]) =>
      new PolicyStatement({
        actions: ['dynamodb:Query'],
        resources: indexes.map((index) => `${tables[table].tableArn}/index/${index}`),
      }),
  );
  const onKeys = entries<KeyName, readonly string[]>(permissions.keys).flatMap(([name, actions]) => [
    ...(actions.includes('Sign') ? [signStatement(keys[name][0].keyArn)] : []),
    ...(actions.includes('GetPublicKey')
      ? [new PolicyStatement({ actions: ['kms:GetPublicKey'], resources: keys[name].map(({ keyArn }) => keyArn) })]
      : []),
  ]);
  return [...onItems, ...onIndexes, ...onKeys];
}

function signStatement(keyArn: string): PolicyStatement {
  return new PolicyStatement({
    actions: ['kms:Sign'],
    resources: [keyArn],
    conditions: { StringEquals: RS256_OVER_A_DIGEST },
  });
}
