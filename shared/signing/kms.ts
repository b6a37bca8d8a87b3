import { KMSClient } from '@aws-sdk/client-kms';
import { awsClientOptions } from '../base/aws-client.ts';
import { ApiError } from '../base/errors.ts';
import { perInstance } from '../base/instance.ts';
import { count } from '../base/metrics.ts';

/** The KMS client of an instance. */
export const kmsOf = perInstance((instance) => new KMSClient(awsClientOptions(instance, 'kms')));

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
