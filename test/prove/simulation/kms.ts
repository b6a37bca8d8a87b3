// KMS in memory, with two real RSA keys.
import { constants, generateKeyPairSync, type KeyObject, privateEncrypt } from 'node:crypto';
import { ServiceException } from './engine.ts';

/** RFC 8017 section 9.2: EMSA-PKCS1-v1_5 puts this before a SHA-256 digest. Node has no function that signs a digest. */
const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

interface Key {
  readonly privateKey: KeyObject;
  readonly spki: string;
}

function newKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { privateKey, spki: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') };
}

export class Kms {
  readonly #keys: ReadonlyMap<string, Key>;

  /** Makes the keys with these ids. */
  constructor(keyIds: readonly string[]) {
    this.#keys = new Map(keyIds.map((id) => [id, newKey()]));
  }

  /** Answers a request. Throws a ServiceException for one that the service refuses. */
  execute(operation: string, body: object): object {
    const { KeyId, Message = '', MessageType } = body as { KeyId: string; Message?: string; MessageType?: string };
    const key = this.#keys.get(KeyId);
    if (!key) throw new ServiceException('NotFoundException');
    if (operation === 'GetPublicKey') return { KeyId, PublicKey: key.spki };
    if (operation !== 'Sign' || MessageType !== 'DIGEST')
      throw new Error(`The KMS in memory does not know ${operation}.`);
    const padded = Buffer.concat([SHA256_DIGEST_INFO, Buffer.from(Message, 'base64')]);
    const signature = privateEncrypt({ key: key.privateKey, padding: constants.RSA_PKCS1_PADDING }, padded);
    return { KeyId, Signature: signature.toString('base64') };
  }
}
