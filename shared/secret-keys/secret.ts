import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** Whether a text can be a secret key at all; anything else is not looked up. */
export const SECRET_KEY_GRAMMAR = /^sk_(live|test)_[A-Za-z0-9_-]{20,100}$/;

/** A new secret key: 256 random bits. */
export function newSecretKey(): string {
  return `sk_live_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** What is stored in place of a secret key. */
export function secretKeyHash(secretKey: string): string {
  return createHash('sha256').update(secretKey).digest('hex');
}
