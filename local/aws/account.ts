// The AWS account that this machine stands for, and the names of what is in it.
import { createHash } from 'node:crypto';

export const region = 'us-east-1';
export const accountId = '000000000000';

/** Credentials for the local engines, which accept any and check no signature. */
export const localCredentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/**
 * Returns the id of the local KMS key for a logical id: a UUID, as KMS gives, and the same one at each start, because the file of
 * the key has its name.
 */
export function kmsKeyId(logicalId: string): string {
  const hex = createHash('sha256').update(`kms:${logicalId}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Returns the ARN of a local KMS key. */
export function kmsKeyArn(keyId: string): string {
  return `arn:aws:kms:${region}:${accountId}:key/${keyId}`;
}

/** Returns the ARN of a bucket, which has no account and no Region. */
export function bucketArn(name: string): string {
  return `arn:aws:s3:::${name}`;
}

/** Returns the ARN of the stream of a table. The engine gives its streams other ones. */
export function streamArn(table: string): string {
  return `arn:aws:dynamodb:${region}:${accountId}:table/${table}/stream/local`;
}

/** Returns the ARN of the default bus. */
export const busArn = `arn:aws:events:${region}:${accountId}:event-bus/default`;

/** Returns the ARN of a role, by its logical id. */
export function roleArn(logicalId: string): string {
  return `arn:aws:iam::${accountId}:role/${logicalId}`;
}
