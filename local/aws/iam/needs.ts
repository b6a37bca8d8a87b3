import * as v from 'valibot';
import { accountId, busArn, kmsKeyArn, region } from '../account.ts';
import type { Need } from './policy.ts';

const item = v.object({ TableName: v.string() });
const onOne = v.object({ TableName: v.optional(v.string()), IndexName: v.optional(v.string()) });
const onMany = v.object({ RequestItems: v.record(v.string(), v.unknown()) });
const transaction = v.object({ TransactItems: v.array(v.record(v.string(), item)) });
const onKey = v.object({
  KeyId: v.optional(v.string()),
  SigningAlgorithm: v.optional(v.string()),
  MessageType: v.optional(v.string()),
});

const operationsWithMessageType = ['Sign', 'Verify'];

/** The action of each part of a transaction: IAM has no action for a transaction as a whole. */
const actionsInTransaction: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

function tableArn(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn : `arn:aws:dynamodb:${region}:${accountId}:table/${nameOrArn}`;
}

/**
 * Returns the actions that the caller of a DynamoDB operation needs to be allowed.
 *
 * @throws ValiError when the body is not one of this operation
 */
export function dynamodbNeeds(operation: string, body: unknown): readonly Need[] {
  const on = (name: string, resource: string): Need => ({ action: `dynamodb:${name}`, resource });
  switch (operation) {
    case 'TransactGetItems':
    case 'TransactWriteItems':
      return v
        .parse(transaction, body)
        .TransactItems.flatMap((parts) => Object.entries(parts))
        .map(([part, { TableName }]) => on(actionsInTransaction[part] ?? part, tableArn(TableName)));
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.keys(v.parse(onMany, body).RequestItems).map((name) => on(operation, tableArn(name)));
    default: {
      const { TableName, IndexName } = v.parse(onOne, body);
      const index = IndexName === undefined ? '' : `/index/${IndexName}`;
      return [on(operation, TableName === undefined ? '*' : tableArn(TableName) + index)];
    }
  }
}

const entries = v.object({ Entries: v.array(v.object({ Source: v.string(), EventBusName: v.optional(v.string()) })) });

/**
 * Returns the actions that the caller of an EventBridge operation needs to be allowed.
 *
 * @throws ValiError when the body is not one of this operation
 */
export function eventsNeeds(operation: string, body: unknown): readonly Need[] {
  return v.parse(entries, body).Entries.map(({ Source, EventBusName }) => ({
    action: `events:${operation}`,
    resource: EventBusName ?? busArn,
    context: { 'events:source': Source },
  }));
}

/**
 * Returns the actions that the caller of a KMS operation needs to be allowed.
 *
 * @throws ValiError when the body is not one of this operation
 */
export function kmsNeeds(operation: string, body: unknown): readonly Need[] {
  const { KeyId, SigningAlgorithm, MessageType } = v.parse(onKey, body);
  const keyArn = KeyId === undefined || KeyId.startsWith('arn:') ? KeyId : kmsKeyArn(KeyId);
  // A condition sees the default value of a parameter that is left out.
  const messageType = MessageType ?? (operationsWithMessageType.includes(operation) ? 'RAW' : undefined);
  const context = { 'kms:SigningAlgorithm': SigningAlgorithm, 'kms:MessageType': messageType };
  return [{ action: `kms:${operation}`, resource: keyArn ?? '*', context }];
}
