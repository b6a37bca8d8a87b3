import type { LambdaName } from '../functions/routes.ts';
import type { KeyAction, KeyName } from './signing-key.ts';
import type { IndexName, TableName } from './table-definitions.ts';

/** The actions on an item by its key. TransactWriteItems is allowed through the actions that it consists of. */
type ItemAction = 'GetItem' | 'BatchGetItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'ConditionCheckItem';

export interface Permissions {
  readonly tables: { readonly [Name in TableName]?: readonly ItemAction[] };
  /** The indexes that may be queried. No Lambda queries a table itself, and none scans anything. */
  readonly indexes?: { readonly [Name in TableName]?: readonly IndexName<Name>[] };
  readonly keys?: { readonly [Name in KeyName]?: readonly KeyAction[] };
}

/**
 * All permissions of each Lambda, besides writing its own log. Only users can be deleted at once. A Lambda with `UpdateItem` or `PutItem`
 * on the record of who acted as whom (ActorTokens, Sessions) needs it for its duty, and IAM cannot limit it to the duty: the Lambda could
 * change any attribute, create an item, or set a `ttl` in the past, after which DynamoDB deletes the item. None of this makes a session
 * that no ticket asked for, because each session is compared with the signature of its ticket, and only `create-actor-token` signs tickets.
 */
export const permissions: Record<LambdaName, Permissions> = {
  'create-actor-token': {
    tables: {
      SecretKeys: ['GetItem'],
      Users: ['GetItem', 'BatchGetItem'],
      ActorTokens: ['PutItem'],
      Blocklist: ['BatchGetItem'],
    },
    keys: { ticket: ['Sign', 'GetPublicKey'] },
  },
  'revoke-actor-token': {
    tables: { SecretKeys: ['GetItem'], ActorTokens: ['GetItem', 'UpdateItem'] },
  },
  'create-sign-in': {
    tables: {
      ActorTokens: ['GetItem', 'UpdateItem'],
      Clients: ['GetItem', 'PutItem', 'UpdateItem'],
      Sessions: ['PutItem', 'UpdateItem'],
      Users: ['BatchGetItem', 'ConditionCheckItem'],
      Blocklist: ['BatchGetItem'],
    },
    keys: { ticket: ['GetPublicKey'], session: ['Sign', 'GetPublicKey'] },
  },
  'revoke-session': {
    tables: { SecretKeys: ['GetItem'], Sessions: ['UpdateItem'] },
  },
  'browser-sessions': {
    tables: {
      ActorTokens: ['BatchGetItem'],
      Clients: ['GetItem'],
      Sessions: ['GetItem', 'BatchGetItem', 'UpdateItem'],
      Users: ['BatchGetItem'],
      Blocklist: ['BatchGetItem'],
    },
    keys: { ticket: ['GetPublicKey'], session: ['Sign', 'GetPublicKey'] },
  },
  'backend-sessions': {
    tables: {
      ActorTokens: ['BatchGetItem'],
      SecretKeys: ['GetItem'],
      Sessions: ['GetItem', 'BatchGetItem', 'UpdateItem'],
      Users: ['GetItem', 'BatchGetItem'],
      Blocklist: ['BatchGetItem'],
    },
    indexes: { Sessions: ['byUser', 'byClient', 'byCreated'] },
    keys: { ticket: ['GetPublicKey'], session: ['Sign', 'GetPublicKey'] },
  },
  users: {
    tables: {
      SecretKeys: ['GetItem'],
      Users: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
      Sessions: ['BatchGetItem', 'UpdateItem'],
    },
    indexes: { Users: ['byCreated', 'byIdentifier'], Sessions: ['byUser'] },
  },
  blocklist: {
    tables: {
      SecretKeys: ['GetItem'],
      Blocklist: ['GetItem', 'UpdateItem'],
      Sessions: ['BatchGetItem', 'UpdateItem'],
    },
    indexes: { Blocklist: ['byBlocked'], Sessions: ['byCreated'] },
  },
  tickets: {
    tables: { ActorTokens: ['GetItem'], Users: ['BatchGetItem'], Blocklist: ['BatchGetItem'] },
    keys: { ticket: ['GetPublicKey'], session: ['GetPublicKey'] },
  },
  fallback: { tables: {} },
};

/** True for a Lambda that signs tickets or session tokens. */
export function maySign({ keys = {} }: Permissions): boolean {
  return Object.values(keys).some((actions) => actions.includes('Sign'));
}
