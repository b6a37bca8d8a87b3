// The product as `npm start` runs it, here without a sign-in page.
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetPublicKeyCommand, SignCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAssembly } from '../../local/aws/assembly.ts';
import { type Stack, stackFrom } from '../../local/aws/stack.ts';
import { directoryAt } from '../../local/directory.ts';
import { type Local, startLocal } from '../../local/product-stack.ts';
import { clientsOf } from './tiny-run.ts';
import { temporaryDirectory } from './tiny-stack.ts';

let local: Local;
let stack: Stack;

beforeAll(async () => {
  const dir = await temporaryDirectory();
  local = await startLocal({ port: 0, dir, signInUrl: '' });
  stack = stackFrom(await readAssembly(directoryAt(dir).assembly), local.instance.baseUrl);
});

afterAll(() => local.stop());

/** Returns clients with the credentials of the function behind a route of the product. */
function clientsBehind(route: string) {
  const found = stack.routes.find(({ routeKey }) => routeKey === route);
  return clientsOf(local, found?.functionName ?? 'no function');
}

test('without a sign-in page the link leads to the page of the product', async () => {
  const response = await fetch(`${local.instance.baseUrl}/__local/playground/instance.json`);

  expect(local.functionEnvironment).not.toHaveProperty('SIGN_IN_URL');
  expect(await response.json()).toMatchObject({ is_own_sign_in_page: false });
});

test('the function that publishes the public keys can read them, and cannot sign', async () => {
  const { kms } = clientsBehind('GET /.well-known/jwks.json');
  const KeyId = local.functionEnvironment.SESSION_KEY_IDS ?? '';
  const digest = { Message: Buffer.alloc(32), MessageType: 'DIGEST' } as const;
  const signing = new SignCommand({ KeyId, ...digest, SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256' });

  await expect(kms.send(new GetPublicKeyCommand({ KeyId }))).resolves.toHaveProperty('KeyUsage', 'SIGN_VERIFY');
  await expect(kms.send(signing)).rejects.toHaveProperty('name', 'AccessDeniedException');
});

test('the function that revokes sessions can read secret keys, and cannot read users', async () => {
  const { dynamodb } = clientsBehind('POST /v1/sessions/{session_id}/revoke');
  const read = (table: string, Key: Record<string, { S: string }>) =>
    dynamodb.send(new GetItemCommand({ TableName: local.functionEnvironment[table], Key }));

  await expect(read('SECRET_KEYS_TABLE', { hash: { S: 'x' } })).resolves.toHaveProperty('$metadata');
  await expect(read('USERS_TABLE', { id: { S: local.instance.userIds[0] ?? '' } })).rejects.toHaveProperty(
    'name',
    'AccessDeniedException',
  );
});
