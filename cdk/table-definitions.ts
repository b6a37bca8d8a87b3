export interface KeyAttributes {
  readonly partitionKey: string;
  /** Always a number: instants. */
  readonly sortKey?: string;
}

export interface IndexDefinition extends KeyAttributes {
  /** What it tells of an item: everything, or only the keys by which the item is then read from its table. */
  readonly tells: 'everything' | 'keys';
}

export interface TableDefinition extends KeyAttributes {
  /** Whether items carry `ttl`, the second after which DynamoDB may tidy them away. */
  readonly expires: boolean;
  readonly indexes: Readonly<Record<string, IndexDefinition>>;
}

/**
 * The five tables, by what they hold. Each has its own natural key, so that IAM can say which function may write what.
 * Users and secret keys never expire: there, a `ttl` could only ever delete one by mistake. A session is written each time its
 * browser asks for a session token: an index that told more than keys would be written each time too.
 */
export const tableDefinitions = {
  ActorTokens: { partitionKey: 'id', expires: true, indexes: {} },
  Sessions: {
    partitionKey: 'id',
    expires: true,
    indexes: {
      byUser: { partitionKey: 'user_id', sortKey: 'created_at', tells: 'keys' },
      byClient: { partitionKey: 'client_id', sortKey: 'created_at', tells: 'keys' },
    },
  },
  Clients: { partitionKey: 'id', expires: true, indexes: {} },
  Users: {
    partitionKey: 'id',
    expires: false,
    indexes: {
      byCreated: { partitionKey: 'kind', sortKey: 'created_at', tells: 'everything' },
      byExternalId: { partitionKey: 'external_id', tells: 'everything' },
    },
  },
  SecretKeys: { partitionKey: 'hash', expires: false, indexes: {} },
} as const satisfies Record<string, TableDefinition>;

export type TableName = keyof typeof tableDefinitions;
export type IndexName<Name extends TableName> = keyof (typeof tableDefinitions)[Name]['indexes'];
