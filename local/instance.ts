import type { InstanceFile } from '../cdk/commands/instance-file.ts';
import { instanceFrom } from '../shared/base/instance.ts';
import { publishableKeyOf } from '../shared/base/publishable-key.ts';
import { DAY_IN_SECONDS, MINUTE_IN_SECONDS } from '../shared/base/time.ts';
import { localCredentials, region } from './aws/account.ts';
import { keyFile } from './aws/kms/keys.ts';
import type { Run } from './run.ts';
import type { Seed } from './seed.ts';

/** The running instance, as `instance.json` describes it to tests and tools. */
export interface LocalInstance extends InstanceFile {
  /** The URL of the Backend API. */
  readonly baseUrl: string;
  /** The URL of the Frontend API, without a trailing slash. */
  readonly frontendApiUrl: string;
  readonly secretKey: string;
  readonly publishableKey: string;
  readonly instanceId: string;
  readonly userIds: readonly string[];
  readonly allowedOrigin: string;
  /** The clock tolerance of a verifier that uses the real clock, because the functions' clock can be moved. */
  readonly clockToleranceSeconds: number;
  /** The offset of the functions' clock from the real one; positive when it is ahead. */
  readonly clockOffsetSeconds: number;
  /** The functions' variables, for a process that reads and writes what is stored without the API and the functions' roles. */
  readonly environment: InstanceFile['environment'];
  /** The file of the key that signs tickets; only with `--test-keys`. */
  readonly ticketKeyPem?: string;
}

interface Settings {
  readonly seed: Seed;
  readonly allowedOrigin: string;
  readonly testKeys: boolean;
}

/** Returns the description of a running instance. */
export function describeInstance(running: Run, { seed, allowedOrigin, testKeys }: Settings): LocalInstance {
  const { endpoint, functionEnvironment, directory } = running;
  // The file is beside the functions, and no other process reads it.
  const { AUTHORITY_FILE: _authority, ...variables } = functionEnvironment;
  const { offsetSeconds } = running.clock.read();
  const { id, frontendApiUrl, ticketKeyIds } = instanceFrom(functionEnvironment);
  // The first key signs; it may be given as an ARN.
  const ticketKeyId = ticketKeyIds[0]?.split('/').at(-1) ?? '';
  return {
    baseUrl: endpoint,
    frontendApiUrl,
    secretKey: seed.secretKey,
    publishableKey: publishableKeyOf(new URL(frontendApiUrl)),
    instanceId: id,
    userIds: seed.userIds,
    allowedOrigin,
    clockToleranceSeconds: Math.max(DAY_IN_SECONDS, Math.abs(offsetSeconds) + MINUTE_IN_SECONDS),
    clockOffsetSeconds: offsetSeconds,
    environment: {
      ...variables,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
      AWS_ENDPOINT_URL_DYNAMODB: running.dynamodbEndpoint,
      AWS_ENDPOINT_URL_KMS: running.kmsEndpoint,
      AWS_ENDPOINT_URL_S3: running.s3Endpoint,
    },
    ...(testKeys && { ticketKeyPem: keyFile(directory.keys, ticketKeyId) }),
  };
}
