// Decodes tickets and session tokens, and signs tickets that the product never issued.
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inject } from 'vitest';

export type Members = Readonly<Record<string, unknown>>;

export interface DecodedJwt {
  readonly header: Members;
  readonly payload: Members;
  readonly signature: Buffer;
}

export function decoded(jwt: string): DecodedJwt {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  return {
    header: JSON.parse(Buffer.from(header, 'base64url').toString()),
    payload: JSON.parse(Buffer.from(payload, 'base64url').toString()),
    signature: Buffer.from(signature, 'base64url'),
  };
}

export function segment(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** Returns the key with which the instance signs tickets. */
export function ticketKey(): KeyObject {
  return createPrivateKey(readFileSync(inject('stack').ticketKeyPem));
}

export const TICKET_HEADER = { alg: 'RS256', typ: 'JWT' } as const;

/** Returns a JWT signed with RS256, by default with the instance's ticket key. A payload that is a string is used unchanged. */
export function signedJwt(payload: Members | string, header: Members = TICKET_HEADER, key = ticketKey()): string {
  const input = `${segment(header)}.${segment(payload)}`;
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}
