export interface KeyAttributes {
  readonly partitionKey: string;
  /** An instant, so it is always a number. */
  readonly sortKey?: string;
}

export interface IndexDefinition extends KeyAttributes {
  /** The attributes that it copies: all of an item, or only the keys with which the item is then read from its table. */
  readonly copies: 'all' | 'keys';
}

export interface TableDefinition extends KeyAttributes {
  /** True if items have `ttl`, the second after which DynamoDB may delete them. */
  readonly expires: boolean;
  readonly indexes: Readonly<Record<string, IndexDefinition>>;
}

/**
 * The tables, by what they hold. Each noun has a table and a natural key of its own, so that IAM can allow a function to write one
 * noun and not another. Users and secret keys never expire: a `ttl` could only delete one of them by mistake. A session is written
 * each time its browser requests a session token: an index that copied more than keys would be written each time too.
 */
export const tableDefinitions = {
  ActorTokens: { partitionKey: 'id', expires: true, indexes: {} },
  Sessions: {
    partitionKey: 'id',
    expires: true,
    indexes: {
      byUser: { partitionKey: 'user_id', sortKey: 'created_at', copies: 'keys' },
      byClient: { partitionKey: 'client_id', sortKey: 'created_at', copies: 'keys' },
      byCreated: { partitionKey: 'kind', sortKey: 'created_at', copies: 'keys' },
    },
  },
  Clients: { partitionKey: 'id', expires: true, indexes: {} },
  Users: {
    partitionKey: 'id',
    expires: false,
    indexes: {
      byCreated: { partitionKey: 'kind', sortKey: 'created_at', copies: 'all' },
      byIdentifier: { partitionKey: 'identifier', copies: 'keys' },
    },
  },
  SecretKeys: { partitionKey: 'hash', expires: false, indexes: {} },
  Blocklist: {
    partitionKey: 'id',
    expires: false,
    indexes: { byBlocked: { partitionKey: 'kind', sortKey: 'blocked_at', copies: 'all' } },
  },
} as const satisfies Record<string, TableDefinition>;

export type TableName = keyof typeof tableDefinitions;

export const tableNames = Object.keys(tableDefinitions) as readonly TableName[];

export type IndexName<Name extends TableName> = keyof (typeof tableDefinitions)[Name]['indexes'];
