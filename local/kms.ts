import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  privateEncrypt,
} from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { writePrivateFile } from './private-file.ts';
import { type Address, type LocalServer, listenAt, readAll, type Send } from './server.ts';
import { kmsKeyArn } from './template.ts';

export const signingAlgorithm = 'RSASSA_PKCS1_V1_5_SHA_256';
const maximumRawBytes = 4096;
const digestBytes = 32;
/** RFC 8017 §9.2: what EMSA-PKCS1-v1_5 puts before a SHA-256 digest; node signs no digests, so it is put there by hand. */
const sha256DigestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex');

class KmsError extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

interface LocalKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  enabled: boolean;
}

const base64 = v.pipe(
  v.string(),
  v.base64(),
  v.transform((text) => Buffer.from(text, 'base64')),
);
const keyRequest = v.object({ KeyId: v.string() });
const signRequest = v.object({
  KeyId: v.string(),
  Message: base64,
  MessageType: v.optional(v.picklist(['RAW', 'DIGEST']), 'RAW'),
  SigningAlgorithm: v.string(),
});

function parse<S extends v.GenericSchema>(schema: S, body: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  throw new KmsError('ValidationException', `${v.getDotPath(result.issues[0])}: ${result.issues[0].message}`);
}

function describe({ id, enabled }: LocalKey) {
  return {
    KeyId: id,
    Arn: kmsKeyArn(id),
    Enabled: enabled,
    KeyState: enabled ? 'Enabled' : 'Disabled',
    KeyUsage: 'SIGN_VERIFY',
    KeySpec: 'RSA_2048',
    SigningAlgorithms: [signingAlgorithm],
  };
}

function usable(key: LocalKey): LocalKey {
  if (key.enabled) return key;
  throw new KmsError('DisabledException', `${kmsKeyArn(key.id)} is disabled.`);
}

function sign(key: LocalKey, body: unknown) {
  const { Message, MessageType, SigningAlgorithm } = parse(signRequest, body);
  if (SigningAlgorithm !== signingAlgorithm)
    throw new KmsError(
      'InvalidKeyUsageException',
      `Algorithm ${SigningAlgorithm} is incompatible with key spec RSA_2048.`,
    );
  if (MessageType === 'DIGEST' && Message.length !== digestBytes)
    throw new KmsError('ValidationException', `Digest is invalid length for algorithm ${SigningAlgorithm}.`);
  if (Message.length === 0 || Message.length > maximumRawBytes)
    throw new KmsError('ValidationException', `Message must have 1 to ${maximumRawBytes} bytes.`);
  const digest = MessageType === 'DIGEST' ? Message : createHash('sha256').update(Message).digest();
  const signature = privateEncrypt(
    { key: usable(key).privateKey, padding: constants.RSA_PKCS1_PADDING },
    Buffer.concat([sha256DigestInfo, digest]),
  );
  return { KeyId: kmsKeyArn(key.id), Signature: signature.toString('base64'), SigningAlgorithm };
}

const operations: Readonly<Record<string, (key: LocalKey, body: unknown) => object>> = {
  Sign: sign,
  GetPublicKey: (key) => {
    const { Arn, KeyUsage, KeySpec, SigningAlgorithms } = describe(usable(key));
    const spki = createPublicKey(key.privateKey).export({ type: 'spki', format: 'der' });
    return { KeyId: Arn, PublicKey: spki.toString('base64'), KeyUsage, KeySpec, SigningAlgorithms };
  },
  DescribeKey: (key) => ({ KeyMetadata: describe(key) }),
  DisableKey: (key) => {
    key.enabled = false;
    return {};
  },
  EnableKey: (key) => {
    key.enabled = true;
    return {};
  },
};

/** The file that holds a key; there after `startKms` with that id. */
export function keyFile(directory: string, keyId: string): string {
  return join(directory, `${keyId}.pem`);
}

async function openKey(directory: string, id: string): Promise<LocalKey> {
  const path = keyFile(directory, id);
  const stored = await readFile(path, 'utf8').catch(() => undefined);
  if (stored !== undefined) return { id, privateKey: createPrivateKey(stored), enabled: true };
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  await writePrivateFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return { id, privateKey, enabled: true };
}

/** KMS with an endpoint of its own; `send` answers without it. */
export interface LocalKms extends LocalServer {
  readonly send: Send;
}

/**
 * Serves these keys, RSA_2048 for SIGN_VERIFY, over the KMS wire protocol, on a free port of 127.0.0.1 unless told; a key is
 * made when its file is not there. Refusals arrive as the exceptions KMS throws.
 */
export async function startKms(
  directory: string,
  keyIds: readonly string[],
  address: Address = { host: '127.0.0.1', port: 0 },
): Promise<LocalKms> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const opened = await Promise.all(keyIds.map((id) => openKey(directory, id)));
  const keys = new Map(opened.flatMap((key) => [[key.id, key] as const, [kmsKeyArn(key.id), key] as const]));

  function answer(target: string, text: string): object {
    const operation = operations[target.replace('TrentService.', '')];
    if (!operation) throw new KmsError('UnknownOperationException', `Local KMS does not know ${target}.`);
    const body: unknown = JSON.parse(text);
    const { KeyId } = parse(keyRequest, body);
    const key = keys.get(KeyId);
    if (!key) throw new KmsError('NotFoundException', `Key '${KeyId}' does not exist`);
    return operation(key, body);
  }

  const send: Send = async (request, body, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    try {
      response.end(JSON.stringify(answer(String(request.headers['x-amz-target'] ?? ''), body.toString())));
    } catch (error) {
      const type = error instanceof KmsError ? error.type : 'KMSInternalException';
      response.statusCode = error instanceof KmsError ? 400 : 500;
      response.end(JSON.stringify({ __type: type, message: error instanceof Error ? error.message : String(error) }));
    }
  };

  const server = createServer((request, response) => {
    readAll(request)
      .then((body) => send(request, body, response))
      .catch(() => response.destroy());
  });
  return { ...(await listenAt(server, address)), send };
}
