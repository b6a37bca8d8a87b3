import type { InstanceFile } from '../cdk/commands/instance-file.ts';
import { publishableKeyOf } from '../shared/base/publishable-key.ts';
import { localCredentials } from './aws/account.ts';
import type { ClockReading } from './aws/clock.ts';
import { keyFile } from './aws/kms/keys.ts';
import type { Directory } from './directory.ts';
import { functionVariable } from './function-variable.ts';
import type { Seed } from './seed.ts';

const DAY_IN_SECONDS = 86_400;
const MINUTE_IN_SECONDS = 60;

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
  readonly environment: Readonly<Record<string, string>>;
  /** The file of the key that signs tickets; only with `--test-keys`. */
  readonly ticketKeyPem?: string;
}

export interface InstanceParts {
  readonly baseUrl: string;
  /** The variables of the functions. */
  readonly environment: Readonly<Record<string, string>>;
  /** The URLs of the engine and of the local KMS themselves, without the guard. */
  readonly endpoints: { readonly dynamodb: string; readonly kms: string };
  readonly seed: Seed;
  readonly allowedOrigin: string;
  readonly clock: ClockReading;
  readonly testKeys: boolean;
  readonly directory: Directory;
}

/** Returns the description of a running instance. */
export function describeInstance(parts: InstanceParts): LocalInstance {
  const { baseUrl, environment, endpoints, seed, allowedOrigin, clock, testKeys, directory } = parts;
  const frontendApiUrl = functionVariable(environment, 'FRONTEND_API_URL').replace(/\/$/, '');
  // The first key signs; it may be given as an ARN.
  const ticketKeyId = functionVariable(environment, 'TICKET_KEY_IDS').split(',')[0]?.split('/').at(-1) ?? '';
  return {
    baseUrl,
    frontendApiUrl,
    secretKey: seed.secretKey,
    publishableKey: publishableKeyOf(new URL(frontendApiUrl)),
    instanceId: functionVariable(environment, 'INSTANCE_ID'),
    userIds: seed.userIds,
    allowedOrigin,
    clockToleranceSeconds: Math.max(DAY_IN_SECONDS, Math.abs(clock.offsetSeconds) + MINUTE_IN_SECONDS),
    clockOffsetSeconds: clock.offsetSeconds,
    environment: {
      ...environment,
      AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
      AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
      AWS_ENDPOINT_URL_KMS: endpoints.kms,
    },
    ...(testKeys && { ticketKeyPem: keyFile(directory.keys, ticketKeyId) }),
  };
}
