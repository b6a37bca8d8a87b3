import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { InstanceFile } from '../cdk/commands/instance-file.ts';
import { publishableKeyOf } from '../shared/base/publishable-key.ts';
import type { ClockReading } from './clock.ts';
import type { Directory } from './directory.ts';
import { localCredentials } from './dynamodb.ts';
import { keyFile } from './kms.ts';
import { writePrivateFile } from './private-file.ts';
import type { Seed } from './seed.ts';

const daySeconds = 86_400;
const minuteSeconds = 60;

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
  /** Of the functions. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of the engine and of the local KMS themselves, behind the guard. */
  readonly endpoints: { readonly dynamodb: string; readonly kms: string };
  readonly seed: Seed;
  readonly allowedOrigin: string;
  readonly clock: ClockReading;
  readonly testKeys: boolean;
  readonly directory: Directory;
}

/** The value of a variable of the functions. @throws Error when the stack does not set it. */
export function variable(environment: Readonly<Record<string, string>>, name: string): string {
  const value = environment[name];
  if (value === undefined) throw new Error(`The stack gives its functions no ${name}.`);
  return value;
}

/** Puts together what is told of an instance. */
export function instanceFrom(parts: InstanceParts): LocalInstance {
  const { baseUrl, environment, endpoints, seed, allowedOrigin, clock, testKeys, directory } = parts;
  const frontendApiUrl = variable(environment, 'FRONTEND_API_URL').replace(/\/$/, '');
  // The first signs; it may be given as an ARN.
  const ticketKeyId = variable(environment, 'TICKET_KEY_IDS').split(',')[0]?.split('/').at(-1) ?? '';
  return {
    baseUrl,
    frontendApiUrl,
    secretKey: seed.secretKey,
    publishableKey: publishableKeyOf(new URL(frontendApiUrl)),
    instanceId: variable(environment, 'INSTANCE_ID'),
    userIds: seed.userIds,
    allowedOrigin,
    clockToleranceSeconds: Math.max(daySeconds, Math.abs(clock.offsetSeconds) + minuteSeconds),
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

/** Tells of the instance in a file that is there exactly while this process runs, unless it is killed outright. */
export function instanceFile(path: string) {
  const removeNow = () => rmSync(path, { force: true });
  process.once('exit', removeNow);
  return {
    write: (instance: LocalInstance) => writePrivateFile(path, `${JSON.stringify(instance, null, 2)}\n`),
    remove: async () => {
      process.off('exit', removeNow);
      await rm(path, { force: true });
    },
  };
}
