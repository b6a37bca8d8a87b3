import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';

/** The public half of a KMS key. */
export interface PublicKey {
  /** AWS's id of the key. */
  readonly keyId: string;
  /** Our id of the key in a JWKS: its RFC 7638 thumbprint. */
  readonly kid: string;
  readonly key: KeyObject;
  /** The key as an entry of a JWKS (RFC 7517 section 4). */
  readonly jwk: {
    readonly use: 'sig';
    readonly kty: 'RSA';
    readonly kid: string;
    readonly alg: 'RS256';
    readonly n: string;
    readonly e: string;
  };
}

/**
 * Reads the public key that GetPublicKey of KMS answers: SubjectPublicKeyInfo (RFC 5280 section 4.1) in DER.
 *
 * @throws Error for anything but an RSA key
 */
export async function publicKeyFrom(keyId: string, spki: Uint8Array | undefined): Promise<PublicKey> {
  if (!spki) throw new Error(`KMS has no public key for ${keyId}.`);
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  if (key.asymmetricKeyType !== 'rsa') throw new Error(`The KMS key ${keyId} is not an RSA key.`);
  const { n = '', e = '' } = key.export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint({ kty: 'RSA', n, e });
  return { keyId, kid, key, jwk: { use: 'sig', kty: 'RSA', kid, alg: 'RS256', n, e } };
}
