/**
 * A secret key: the credential of a customer's server. Only its SHA-256 is stored, and it is the key of the look-up, so neither the
 * table nor the time of a comparison reveals any part of a secret key. Several can be active at once.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { SecretKeyId } from '../base/ids.ts';
import type { EpochMs } from '../base/time.ts';

const SECRET_BYTES = 32;
const GRAMMAR = /^sk_(live|test)_[A-Za-z0-9_-]{20,100}$/;

/** The stored facts of a secret key besides its hash. */
export interface SecretKey {
  readonly id: SecretKeyId;
  /** A name for people, such as the purpose of the key. */
  readonly name: string;
  readonly createdAt: EpochMs;
  readonly generation: number;
  readonly revokedAt: EpochMs | undefined;
}

/** `invalid`: of another generation than the deployment's, as in a restored backup. */
export type SecretKeyStatus = 'active' | 'revoked' | 'invalid';

/** The status of a key in a deployment of this generation. Only an active key is accepted. */
export function statusOf({ revokedAt, generation }: SecretKey, deployedGeneration: number): SecretKeyStatus {
  if (revokedAt !== undefined) return 'revoked';
  return generation === deployedGeneration ? 'active' : 'invalid';
}

/** True when a text has the form of a secret key. Nothing else is looked up. */
export function isSecretKey(text: string): boolean {
  return GRAMMAR.test(text);
}

/** A new secret key: 256 random bits. */
export function newSecretKey(): string {
  return `sk_live_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** SHA-256 of a secret key, in hexadecimal; stored in its place. */
export function secretKeyHash(secretKey: string): string {
  return createHash('sha256').update(secretKey).digest('hex');
}
