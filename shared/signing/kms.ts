import { KMSClient } from '@aws-sdk/client-kms';
import { ApiError } from '../base/errors.ts';
import { count } from '../base/metrics.ts';

/** `endpoint` stays undefined, so that AWS_ENDPOINT_URL_KMS points the same code at a local one. */
export const kms = new KMSClient({
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 1500, socketTimeout: 1500, throwOnRequestTimeout: true },
});

/**
 * What KMS answers.
 *
 * @throws `too_many_requests` when it throttles, `service_unavailable` when it does not do what was asked
 */
export async function answeredByKms<Output>(call: Promise<Output>): Promise<Output> {
  return call.catch((cause: unknown) => {
    const isThrottled = cause instanceof Error && cause.name === 'ThrottlingException';
    if (isThrottled) count('KmsThrottled');
    throw new ApiError(isThrottled ? 'too_many_requests' : 'service_unavailable').causedBy(cause);
  });
}
