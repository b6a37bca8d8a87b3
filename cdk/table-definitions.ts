export interface KeyAttributes {
  readonly partitionKey: string;
  /** Always a number: instants. */
  readonly sortKey?: string;
}

export interface TableDefinition extends KeyAttributes {
  /** Whether items carry `ttl`, the second after which DynamoDB may tidy them away. */
  readonly expires: boolean;
  readonly indexes: Readonly<Record<string, KeyAttributes>>;
}

/**
 * The five tables, by what they hold. Each has its own natural key, so that IAM can say which function may write what.
 * Users and secret keys never expire: there, a `ttl` could only ever delete one by mistake.
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
  SecretKeys: { partitionKey: 'hash', expires: false, indexes: {} },
} as const satisfies Record<string, TableDefinition>;

export type TableName = keyof typeof tableDefinitions;
export type IndexName<Name extends TableName> = keyof (typeof tableDefinitions)[Name]['indexes'];
