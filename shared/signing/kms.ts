import { KMSClient } from '@aws-sdk/client-kms';

/** `endpoint` stays undefined, so that AWS_ENDPOINT_URL_KMS points the same code at a local one. */
export const kms = new KMSClient({
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 1500, throwOnRequestTimeout: true },
});
