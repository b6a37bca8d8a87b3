/**
 * With CloudFront in front of the API, the API's own host can still be found and asked: whoever does so goes around the
 * limits of WAF. CloudFront therefore proves itself with a secret, in a header that replaces any the viewer sends. The
 * functions know its SHA-256 only, two while it is replaced.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { config } from '../base/config.ts';

const hashes = config.originSecretHashes.map((hash) => Buffer.from(hash, 'hex'));

/** Whether there is a CloudFront in front, alone to be answered. */
export const isBehindCloudFront = hashes.length > 0;

/** Whether what a request presents is the secret of the CloudFront in front. */
export function isOriginSecret(presented: string | undefined): boolean {
  if (presented === undefined) return false;
  const digest = createHash('sha256').update(presented).digest();
  return hashes.some((hash) => timingSafeEqual(hash, digest));
}
