import { randomBytes } from 'node:crypto';
import { type ClientId, isId } from '../base/ids.ts';
import { sha256 } from '../base/sha256.ts';
import type { PresentedClient } from './client.ts';

const SECRET_BYTES = 32;
const SECRET_GRAMMAR = /^[A-Za-z0-9_-]{43}$/;

export interface ClientSecret {
  readonly secret: string;
  /** SHA-256 in hexadecimal; stored in place of the secret. */
  readonly hash: string;
}

/** A new secret: 256 random bits. */
export function newClientSecret(): ClientSecret {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { secret, hash: sha256(secret) };
}

/** The client token: the credential by which a browser, or a native application, is this client. */
export function clientToken(id: ClientId, secret: string): string {
  return `${id}.${secret}`;
}

/** The client that a client token claims; undefined for a text that cannot be one. */
export function parseClientToken(token: string): PresentedClient | undefined {
  const [id, secret, ...rest] = token.split('.');
  if (!isId('client', id) || !secret || !SECRET_GRAMMAR.test(secret) || rest.length > 0) return undefined;
  return { id, secretHash: sha256(secret) };
}
