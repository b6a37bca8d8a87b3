import { KMSClient } from '@aws-sdk/client-kms';
import { ApiError } from '../base/errors.ts';
import { perInstance } from '../base/instance.ts';
import { count } from '../base/metrics.ts';

/**
 * The KMS client of an instance. In a function nothing names the endpoint here, so the SDK's variable AWS_ENDPOINT_URL_KMS points the
 * same code at a local one.
 */
export const kmsOf = perInstance(({ aws: { region, credentials, endpoints } }) => {
  return new KMSClient({
    ...(region !== undefined && { region }),
    ...(credentials && { credentials }),
    ...(endpoints && { endpoint: endpoints.kms, useFipsEndpoint: false, useDualstackEndpoint: false }),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 1500, socketTimeout: 1500, throwOnRequestTimeout: true },
  });
});

/**
 * The answer of a call to KMS.
 *
 * @throws `too_many_requests` when KMS throttles, `service_unavailable` when it refuses or does not answer
 */
export async function answerOfKms<Output>(call: Promise<Output>): Promise<Output> {
  return call.catch((cause: unknown) => {
    const isThrottled = cause instanceof Error && cause.name === 'ThrottlingException';
    if (isThrottled) count('KmsThrottled');
    throw new ApiError(isThrottled ? 'too_many_requests' : 'service_unavailable').causedBy(cause);
  });
}
