import { compactVerify, errors } from 'jose';
import type { PublicKey } from './public-key.ts';

/**
 * True for three segments of base64url, each in the one spelling that RFC 7515 section 2 allows. jose also accepts padding, spare bits
 * and white space in a segment, so one signature would have many spellings.
 */
export function isCompactJws(text: string): boolean {
  const segments = text.split('.');
  const isCanonical = (segment: string) => Buffer.from(segment, 'base64url').toString('base64url') === segment;
  return segments.length === 3 && segments.every(isCanonical);
}

/**
 * The payload of a compact JWS that this key signed with RS256 (RFC 7518 section 3.3), else undefined. The algorithm is pinned
 * (RFC 8725 section 3.1). KMS is not called.
 */
export async function verifiedPayload(jws: string, { key }: PublicKey): Promise<Uint8Array | undefined> {
  try {
    return (await compactVerify(jws, key, { algorithms: ['RS256'] })).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
