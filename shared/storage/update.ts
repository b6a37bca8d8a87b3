import type { UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Item } from './item.ts';

/** A conditional update of one item. */
export interface Change {
  readonly table: string;
  readonly key: Item;
  /** Attributes and their new values. */
  readonly set: Item;
  /** Keeps the values of attributes that the item already has. */
  readonly onlyIfNotSet?: boolean;
  /** A condition expression, in which `#name` and `:name` stand for an attribute of `set` and its new value. */
  readonly condition: string;
  /** Further values that the condition names, by the name behind the colon. */
  readonly values?: Item;
}

type UpdateInput = Required<
  Pick<
    UpdateItemCommandInput,
    | 'TableName'
    | 'Key'
    | 'UpdateExpression'
    | 'ConditionExpression'
    | 'ExpressionAttributeNames'
    | 'ExpressionAttributeValues'
  >
>;

/** The change in the words of DynamoDB, for an UpdateItem or for a transaction. */
export function updateInput({ table, key, set, onlyIfNotSet, condition, values }: Change): UpdateInput {
  const names = Object.keys(set);
  const assignments = names.map(
    (name) => `#${name} = ${onlyIfNotSet ? `if_not_exists(#${name}, :${name})` : `:${name}`}`,
  );
  return {
    TableName: table,
    Key: marshall(key),
    UpdateExpression: `SET ${assignments.join(', ')}`,
    ConditionExpression: condition,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: marshall(
      Object.fromEntries(Object.entries({ ...values, ...set }).map(([name, value]) => [`:${name}`, value])),
    ),
  };
}
