import { constants, createHash, createPublicKey, privateEncrypt } from 'node:crypto';
import * as v from 'valibot';
import { kmsKeyArn } from '../account.ts';
import { type Address, type LocalServer, listenAt, type Send, serverOf } from '../server.ts';
import { type LocalKey, openKeys } from './keys.ts';

const SIGNING_ALGORITHM = 'RSASSA_PKCS1_V1_5_SHA_256';
/** AWS: Sign, request parameter Message. */
const MAX_RAW_MESSAGE_IN_BYTES = 4096;
const DIGEST_IN_BYTES = 32;
/** RFC 8017 §9.2: EMSA-PKCS1-v1_5 puts this before a SHA-256 digest. Node has no function that signs a digest. */
const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

class KmsError extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
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
    SigningAlgorithms: [SIGNING_ALGORITHM],
  };
}

function requireEnabled(key: LocalKey): LocalKey {
  if (key.enabled) return key;
  throw new KmsError('DisabledException', `${kmsKeyArn(key.id)} is disabled.`);
}

function sign(key: LocalKey, body: unknown) {
  const { Message, MessageType, SigningAlgorithm } = parse(signRequest, body);
  if (SigningAlgorithm !== SIGNING_ALGORITHM)
    throw new KmsError(
      'InvalidKeyUsageException',
      `Algorithm ${SigningAlgorithm} is incompatible with key spec RSA_2048.`,
    );
  if (MessageType === 'DIGEST' && Message.length !== DIGEST_IN_BYTES)
    throw new KmsError('ValidationException', `Digest is invalid length for algorithm ${SigningAlgorithm}.`);
  if (Message.length === 0 || Message.length > MAX_RAW_MESSAGE_IN_BYTES)
    throw new KmsError('ValidationException', `Message must have 1 to ${MAX_RAW_MESSAGE_IN_BYTES} bytes.`);
  const digest = MessageType === 'DIGEST' ? Message : createHash('sha256').update(Message).digest();
  const signature = privateEncrypt(
    { key: requireEnabled(key).privateKey, padding: constants.RSA_PKCS1_PADDING },
    Buffer.concat([SHA256_DIGEST_INFO, digest]),
  );
  return { KeyId: kmsKeyArn(key.id), Signature: signature.toString('base64'), SigningAlgorithm };
}

const operations: Readonly<Record<string, (key: LocalKey, body: unknown) => object>> = {
  Sign: sign,
  GetPublicKey: (key) => {
    const { Arn, KeyUsage, KeySpec, SigningAlgorithms } = describe(requireEnabled(key));
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

function answer(keys: ReadonlyMap<string, LocalKey>, target: string, text: string): object {
  const operation = operations[target.replace('TrentService.', '')];
  if (!operation) throw new KmsError('UnknownOperationException', `Local KMS has no operation ${target}.`);
  const body: unknown = JSON.parse(text);
  const { KeyId } = parse(keyRequest, body);
  const key = keys.get(KeyId);
  if (!key) throw new KmsError('NotFoundException', `Key '${KeyId}' does not exist`);
  return operation(key, body);
}

/** KMS with an endpoint of its own. `send` answers a request without the endpoint. */
export interface LocalKms extends LocalServer {
  readonly send: Send;
}

/**
 * Serves these keys over the KMS wire protocol, on a free port of 127.0.0.1 by default. A key is generated when its file does
 * not exist. Errors have the names that KMS gives them.
 */
export async function startKms(
  directory: string,
  keyIds: readonly string[],
  address: Address = { host: '127.0.0.1', port: 0 },
): Promise<LocalKms> {
  const keys = await openKeys(directory, keyIds);

  const send: Send = async (request, body, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    try {
      response.end(JSON.stringify(answer(keys, String(request.headers['x-amz-target'] ?? ''), body.toString())));
    } catch (error) {
      const type = error instanceof KmsError ? error.type : 'KMSInternalException';
      response.statusCode = error instanceof KmsError ? 400 : 500;
      response.end(JSON.stringify({ __type: type, message: error instanceof Error ? error.message : String(error) }));
    }
  };

  return { ...(await listenAt(serverOf(send), address)), send };
}
