import { compactVerify, errors } from 'jose';
import type { PublicKey } from './public-key.ts';

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
