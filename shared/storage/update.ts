import { UpdateItemCommand, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Instance } from '../base/instance.ts';
import type { Item } from './item.ts';
import { type WriteOutcome, write } from './write.ts';

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

/** The change as DynamoDB's API expects it, as an UpdateItem or as an Update of a transaction. */
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

/**
 * Writes one change by itself. The outcome has the item as it is after the change, or the item that did not meet the condition.
 *
 * @throws as `write`
 */
export async function writeChange(instance: Instance, change: Change): Promise<WriteOutcome> {
  const returned = { ReturnValues: 'ALL_NEW', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  return write(instance, new UpdateItemCommand({ ...updateInput(change), ...returned }));
}
