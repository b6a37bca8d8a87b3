import {
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { GetPublicKeyCommand, type KMSClient, SignCommand, type SignCommandInput } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kmsKeyArn, kmsKeyId } from '../../../local/aws/account.ts';
import type { Local } from '../../../local/product-stack.ts';
import { clientsOf, dynamodbOf, tinyRun } from '../tiny-run.ts';

interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly kms: KMSClient;
}

let local: Local;
let echo: Clients;
const reported: string[] = [];

beforeAll(async () => {
  local = await tinyRun({ report: (line) => reported.push(line) });
  echo = clientsOf(local, 'Echo');
});

afterAll(() => local.stop());

const tables = 'arn:aws:dynamodb:us-east-1:000000000000:table';
const ticketKey = kmsKeyId('TicketKey');
const sessionKey = kmsKeyId('SessionKey');
const id = { S: 'private@example.com' };

const get = (TableName: string) => new GetItemCommand({ TableName, Key: { id } });
const put = (TableName: string) => new PutItemCommand({ TableName, Item: { id } });

function query(IndexName?: string) {
  const condition = { KeyConditionExpression: 'user_id = :id', ExpressionAttributeValues: { ':id': id } };
  return new QueryCommand({ TableName: 'SessionsTable', ...(IndexName && { IndexName }), ...condition });
}

/** Stores an actor token, and in one go checks or does something else. */
function transaction(other: object) {
  const Put = { TableName: 'ActorTokensTable', Item: { id: { S: 'in a transaction' } } };
  return new TransactWriteItemsCommand({ TransactItems: [{ Put }, other] });
}

function sign(parts: Partial<SignCommandInput> = {}) {
  const SigningAlgorithm = 'RSASSA_PKCS1_V1_5_SHA_256';
  return new SignCommand({
    KeyId: ticketKey,
    Message: Buffer.alloc(32),
    MessageType: 'DIGEST',
    SigningAlgorithm,
    ...parts,
  });
}

const absent = { Key: { id }, ConditionExpression: 'attribute_not_exists(id)' };

test.each<[string, (clients: Clients) => Promise<unknown>]>([
  ['an action on a table', ({ dynamodb }) => dynamodb.send(get('UsersTable'))],
  ['a query of an index, by an attached policy', ({ dynamodb }) => dynamodb.send(query('by_user_id'))],
  [
    'a transaction of actions that it may do',
    ({ dynamodb }) => dynamodb.send(transaction({ ConditionCheck: { TableName: 'UsersTable', ...absent } })),
  ],
  ['a signature of a digest', ({ kms }) => kms.send(sign())],
  ['a signature under the ARN of the key', ({ kms }) => kms.send(sign({ KeyId: kmsKeyArn(ticketKey) }))],
  ['a public key', ({ kms }) => kms.send(new GetPublicKeyCommand({ KeyId: ticketKey }))],
])('a function may do what its role allows: %s', async (_case, send) => {
  await expect(send(echo)).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
});

test('a function sees the items that the runner stored', async () => {
  const Key = { id: { S: local.instance.userIds[0] ?? '' } };

  const { Item } = await echo.dynamodb.send(new GetItemCommand({ TableName: 'UsersTable', Key }));

  expect(Item).toMatchObject({ first_name: { S: 'Ada' } });
});

describe('a function is refused as in AWS:', () => {
  test.each<[string, (clients: Clients) => Promise<unknown>, string, string]>([
    ['another action', ({ dynamodb }) => dynamodb.send(put('UsersTable')), 'dynamodb:PutItem', `${tables}/UsersTable`],
    [
      'another table, though another function may',
      ({ dynamodb }) => dynamodb.send(get('ClientsTable')),
      'dynamodb:GetItem',
      `${tables}/ClientsTable`,
    ],
    [
      'another table named by its ARN',
      ({ dynamodb }) => dynamodb.send(get(`${tables}/ClientsTable`)),
      'dynamodb:GetItem',
      `${tables}/ClientsTable`,
    ],
    [
      'an index it was not given',
      ({ dynamodb }) => dynamodb.send(query('by_client_id')),
      'dynamodb:Query',
      `${tables}/SessionsTable/index/by_client_id`,
    ],
    ['the table of its index', ({ dynamodb }) => dynamodb.send(query()), 'dynamodb:Query', `${tables}/SessionsTable`],
    [
      'a scan',
      ({ dynamodb }) => dynamodb.send(new ScanCommand({ TableName: 'UsersTable' })),
      'dynamodb:Scan',
      `${tables}/UsersTable`,
    ],
    [
      'a batch of reads it may do one by one',
      ({ dynamodb }) => dynamodb.send(new BatchGetItemCommand({ RequestItems: { UsersTable: { Keys: [{ id }] } } })),
      'dynamodb:BatchGetItem',
      `${tables}/UsersTable`,
    ],
    [
      'a deletion in a transaction',
      ({ dynamodb }) => dynamodb.send(transaction({ Delete: { TableName: 'UsersTable', Key: { id } } })),
      'dynamodb:DeleteItem',
      `${tables}/UsersTable`,
    ],
    [
      'a check in a transaction of a table it may only put into',
      ({ dynamodb }) => dynamodb.send(transaction({ ConditionCheck: { TableName: 'ActorTokensTable', ...absent } })),
      'dynamodb:ConditionCheckItem',
      `${tables}/ActorTokensTable`,
    ],
    ['another key', ({ kms }) => kms.send(sign({ KeyId: sessionKey })), 'kms:Sign', kmsKeyArn(sessionKey)],
    [
      'the public half of another key',
      ({ kms }) => kms.send(new GetPublicKeyCommand({ KeyId: kmsKeyArn(sessionKey) })),
      'kms:GetPublicKey',
      kmsKeyArn(sessionKey),
    ],
    [
      'another algorithm',
      ({ kms }) => kms.send(sign({ SigningAlgorithm: 'RSASSA_PSS_SHA_256' })),
      'kms:Sign',
      kmsKeyArn(ticketKey),
    ],
    ['a raw message', ({ kms }) => kms.send(sign({ MessageType: 'RAW' })), 'kms:Sign', kmsKeyArn(ticketKey)],
    [
      'a message of the default type',
      ({ kms }) => kms.send(sign({ MessageType: undefined })),
      'kms:Sign',
      kmsKeyArn(ticketKey),
    ],
  ])('%s', async (_case, send, action, resource) => {
    const user = 'arn:aws:sts::000000000000:assumed-role/EchoRole/Echo';
    await expect(send(echo)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: ${user} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
      $metadata: { httpStatusCode: 400 },
    });
  });
});

test('a transaction with one forbidden item stores none of the others', async () => {
  const Item = { id: { S: 'with a forbidden item' } };
  const Put = { TableName: 'ActorTokensTable', Item };
  const Delete = { TableName: 'UsersTable', Key: { id } };
  const refused = echo.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }, { Delete }] }));
  await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException' });

  const stored = await dynamodbOf(local).send(new GetItemCommand({ TableName: 'ActorTokensTable', Key: Item }));

  expect(stored.Item).toBeUndefined();
});

test('a function may do what its own role allows, and not what that of another one allows', async () => {
  const { dynamodb } = clientsOf(local, 'Broken');

  await expect(dynamodb.send(get('ClientsTable'))).resolves.toHaveProperty('$metadata.httpStatusCode', 200);
  await expect(dynamodb.send(get('UsersTable'))).rejects.toHaveProperty('name', 'AccessDeniedException');
});

test('a caller that is no function is refused by both services', async () => {
  const { dynamodb, kms } = clientsOf(local, 'local');

  await expect(dynamodb.send(get('UsersTable'))).rejects.toHaveProperty('name', 'UnrecognizedClientException');
  await expect(kms.send(sign())).rejects.toHaveProperty('name', 'UnrecognizedClientException');
});

test.each([
  ['an unsigned request', 'GetItem', '', 'MissingAuthenticationTokenException'],
  ['a body that is no JSON', '{', 'Credential=Echo/', 'SerializationException'],
  ['a table name that is no text', '{"TableName":1}', 'Credential=Echo/', 'SerializationException'],
])('%s is refused', async (_case, body, authorization, type) => {
  const response = await fetch(local.functionEnvironment.AWS_ENDPOINT_URL_DYNAMODB ?? '', {
    method: 'POST',
    headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem', ...(authorization && { authorization }) },
    body,
  });

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ __type: `com.amazon.coral.service#${type}` });
});

test('a refusal is told of once, without the values of the request', async () => {
  for (let call = 0; call < 2; call += 1)
    await expect(echo.dynamodb.send(put('SecretKeysTable'))).rejects.toHaveProperty('name', 'AccessDeniedException');

  expect(reported.filter((line) => line.includes('SecretKeysTable'))).toEqual([
    `Echo may not dynamodb:PutItem on ${tables}/SecretKeysTable: refused as in AWS, because its role does not allow it.`,
  ]);
  expect(reported.join('\n')).not.toContain(id.S);
});
