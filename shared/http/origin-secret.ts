/**
 * With CloudFront in front of the API, the API's own host still accepts requests, which would bypass the limits of WAF. CloudFront
 * therefore sends a secret, in a header that replaces any such header of the viewer. The functions have only the SHA-256 of the secret,
 * and two of them while it is replaced.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { ApiError } from '../base/errors.ts';
import type { Instance } from '../base/instance.ts';
import { headerOf } from './header.ts';

function isFromCloudFront(event: APIGatewayProxyEventV2, { originSecretHashes }: Instance): boolean {
  const presented = headerOf(event, 'x-origin-secret');
  if (presented === undefined) return false;
  const digest = createHash('sha256').update(presented).digest();
  return originSecretHashes.some((hash) => timingSafeEqual(Buffer.from(hash, 'hex'), digest));
}

/**
 * Refuses a request that did not come through CloudFront, where CloudFront is configured. Makes no call to AWS.
 *
 * @throws `authorization_invalid`
 */
export function checkOriginSecret(event: APIGatewayProxyEventV2, instance: Instance): void {
  const isBehindCloudFront = instance.originSecretHashes.length > 0;
  if (isBehindCloudFront && !isFromCloudFront(event, instance)) throw new ApiError('authorization_invalid');
}

/**
 * The address that connected to CloudFront, if the request came through it, else the address that connected to the API. Only
 * CloudFront's own header is accepted: anyone can send `X-Forwarded-For`.
 */
export function sourceIpOf(event: APIGatewayProxyEventV2, instance: Instance): string {
  const viewer = isFromCloudFront(event, instance) ? headerOf(event, 'x-viewer-address') : undefined;
  return viewer ?? event.requestContext.http.sourceIp;
}
