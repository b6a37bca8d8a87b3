import { createHash, createPublicKey, createVerify } from 'node:crypto';
import { stat } from 'node:fs/promises';
import {
  DescribeKeyCommand,
  DisableKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kmsKeyArn, kmsKeyId } from '../../../local/aws/account.ts';
import { keyFile } from '../../../local/aws/kms/keys.ts';
import { startKms } from '../../../local/aws/kms/kms.ts';
import { temporaryDirectory } from '../tiny-stack.ts';

const id = kmsKeyId('TicketKey');
const otherId = kmsKeyId('SessionKey');
const message = Buffer.from('header.payload');
const digest = createHash('sha256').update(message).digest();

let directory: string;
let kms: Awaited<ReturnType<typeof startKms>>;
let client: KMSClient;

function clientOf({ endpoint }: { readonly endpoint: string }): KMSClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new KMSClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
}

function signing(parts: Partial<ConstructorParameters<typeof SignCommand>[0]> = {}) {
  const SigningAlgorithm = 'RSASSA_PKCS1_V1_5_SHA_256';
  return new SignCommand({ KeyId: id, Message: digest, MessageType: 'DIGEST', SigningAlgorithm, ...parts });
}

async function publicKey(from: KMSClient) {
  const { PublicKey } = await from.send(new GetPublicKeyCommand({ KeyId: id }));
  return createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  kms = await startKms(directory, [id, otherId]);
  client = clientOf(kms);
});

afterAll(() => kms.stop());

test.each([
  ['a digest', signing()],
  ['a raw message', signing({ Message: message, MessageType: 'RAW' })],
  ['a raw message when no type is given', signing({ Message: message, MessageType: undefined })],
  ['under the ARN of the key', signing({ KeyId: kmsKeyArn(id) })],
])('a signature of %s verifies with the public key', async (_case, command) => {
  const { Signature, KeyId } = await client.send(command);

  const verifies = createVerify('sha256')
    .update(message)
    .verify(await publicKey(client), Signature ?? Buffer.alloc(0));
  expect({ verifies, KeyId }).toEqual({ verifies: true, KeyId: kmsKeyArn(id) });
});

test('a key describes itself as KMS does', async () => {
  const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: id }));

  expect(KeyMetadata).toEqual({
    KeyId: id,
    Arn: kmsKeyArn(id),
    Enabled: true,
    KeyState: 'Enabled',
    KeyUsage: 'SIGN_VERIFY',
    KeySpec: 'RSA_2048',
    SigningAlgorithms: ['RSASSA_PKCS1_V1_5_SHA_256'],
  });
});

test('a key survives a restart, in a file only its owner can read', async () => {
  const before = await publicKey(client);
  const restarted = await startKms(directory, [id]);

  const after = await publicKey(clientOf(restarted));
  await restarted.stop();

  expect(after.equals(before)).toBe(true);
  expect((await stat(keyFile(directory, id))).mode & 0o777).toBe(0o600);
});

test.each([
  ['an unknown key', signing({ KeyId: 'c0ffee00-0000-4000-8000-000000000000' }), 'NotFoundException'],
  ['an algorithm of another kind of key', signing({ SigningAlgorithm: 'ECDSA_SHA_256' }), 'InvalidKeyUsageException'],
  ['a digest of 31 bytes', signing({ Message: digest.subarray(1) }), 'ValidationException'],
  ['a raw message of 4097 bytes', signing({ Message: Buffer.alloc(4097), MessageType: 'RAW' }), 'ValidationException'],
  ['an empty message', signing({ Message: Buffer.alloc(0), MessageType: 'RAW' }), 'ValidationException'],
])('signing with %s is refused', async (_case, command, name) => {
  await expect(client.send(command)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
});

test('a raw message of 4096 bytes is signed', async () => {
  const { Signature } = await client.send(signing({ Message: Buffer.alloc(4096), MessageType: 'RAW' }));

  expect(Signature).toHaveLength(256);
});

test('a disabled key signs nothing and gives no public key', async () => {
  await client.send(new DisableKeyCommand({ KeyId: otherId }));

  for (const command of [signing({ KeyId: otherId }), new GetPublicKeyCommand({ KeyId: otherId })])
    await expect(client.send(command as SignCommand)).rejects.toMatchObject({ name: 'DisabledException' });
});
