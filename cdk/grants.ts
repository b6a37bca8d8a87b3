import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Permissions } from './permissions.ts';
import { type KeyAction, type KeyName, RS256_OVER_A_DIGEST, type SigningKeys } from './signing-key.ts';
import type { TableName } from './table-definitions.ts';
import type { Tables } from './tables.ts';

function entries<Name extends string, Value>(record: { readonly [K in Name]?: Value } = {}): readonly [Name, Value][] {
  return Object.entries(record) as [Name, Value][];
}

/**
 * Returns the policy statements that allow exactly `permissions`: named actions on named tables, indexes and keys. The grant
 * methods of TableV2 are not used, because they add every index of the table (`/index/*`).
 *
 * A function that may sign with one kind of key may sign with all keys of that kind: while a deployment replaces the functions one
 * after the other, some still sign with the key that was first before.
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
  const onKeys = entries<KeyName, readonly KeyAction[]>(permissions.keys).flatMap(([name, actions]) =>
    actions.map(
      (action) =>
        new PolicyStatement({
          actions: [`kms:${action}`],
          resources: keys[name].map(({ keyArn }) => keyArn),
          ...(action === 'Sign' && { conditions: { StringEquals: RS256_OVER_A_DIGEST } }),
        }),
    ),
  );
  return [...onItems, ...onIndexes, ...onKeys];
}

/** Adds the role to the policy of each key with which `permissions` let it sign. */
export function allowSigning(role: Role, permissions: Permissions, keys: SigningKeys): void {
  for (const [name, actions] of entries<KeyName, readonly KeyAction[]>(permissions.keys))
    if (actions.includes('Sign')) for (const key of keys[name]) key.allowSigning(role);
}
