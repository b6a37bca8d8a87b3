import { createPublicKey, type KeyObject } from 'node:crypto';
import { GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { cached } from '../cached.ts';
import { config } from '../config.ts';
import { kms } from './kms.ts';

/** The public half of a KMS key. `keyId` is AWS's name for it, `kid` ours: its RFC 7638 thumbprint. */
export interface VerificationKey {
  readonly keyId: string;
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly jwk: JWK;
}

/** The keys of one kind of JWT. The first signs; all verify, so that a key can be replaced while its tokens still live. */
export interface SigningKeys {
  readonly all: () => Promise<readonly VerificationKey[]>;
  readonly signer: () => Promise<VerificationKey>;
}

async function getVerificationKey(keyId: string): Promise<VerificationKey> {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyId }));
  if (!PublicKey) throw new Error(`KMS has no public key for ${keyId}.`);
  const publicKey = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
  const { kty, n, e } = publicKey.export({ format: 'jwk' }) as JWK;
  if (kty !== 'RSA' || !n || !e) throw new Error(`The KMS key ${keyId} is not an RSA key.`);
  const kid = await calculateJwkThumbprint({ kty, n, e });
  return { keyId, kid, publicKey, jwk: { use: 'sig', kty, kid, alg: 'RS256', n, e } };
}

function signingKeys(keyIds: readonly string[]): SigningKeys {
  const all = cached(() => Promise.all(keyIds.map(getVerificationKey)));
  const signer = async () => {
    const [first] = await all();
    if (!first) throw new Error('No KMS key id is configured.');
    return first;
  };
  return { all, signer };
}

/** Signs tickets. Its public half is published nowhere: only we verify tickets. */
export const ticketKeys = signingKeys(config.ticketKeyIds);

/** Signs session tokens. Its public half is in the JWKS, for whoever receives one. */
export const sessionKeys = signingKeys(config.sessionKeyIds);
