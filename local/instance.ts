import { rmSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { publishableKeyOf } from '../shared/base/publishable-key.ts';
import type { ClockReading } from './clock.ts';
import { type Directory, directoryAt } from './directory.ts';
import { localCredentials } from './dynamodb.ts';
import { keyFile } from './kms.ts';
import { writePrivateFile } from './private-file.ts';
import type { Seed } from './seed.ts';

const daySeconds = 86_400;
const minuteSeconds = 60;

/** The running instance as tests and tools find it in `instance.json`. */
export interface Instance {
  readonly baseUrl: string;
  readonly frontendApiUrl: string;
  readonly secretKey: string;
  readonly publishableKey: string;
  readonly instanceId: string;
  readonly userIds: readonly string[];
  readonly allowedOrigin: string;
  /** What a verifier on the real clock must tolerate, since the functions' clock can be moved. */
  readonly clockToleranceSeconds: number;
  /** How far the functions' clock is ahead of the real one. */
  readonly clockOffsetSeconds: number;
  /** For a process that acts on what is stored, past the API and the roles of the functions: the functions' variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** Only with `--test-keys`: the file of the key that signs tickets. */
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
export function instanceFrom(parts: InstanceParts): Instance {
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

/** Where `npm start` keeps its state. */
export function localDirectory(env: NodeJS.ProcessEnv): string {
  return env.LOCAL_DIR || fileURLToPath(new URL('../.local', import.meta.url));
}

const told = v.object({
  baseUrl: v.string(),
  frontendApiUrl: v.string(),
  clockOffsetSeconds: v.number(),
  environment: v.record(v.string(), v.string()),
});

/** What a command needs to know of the instance that runs in a directory; undefined when none does. */
export async function readInstance(dir: string): Promise<v.InferOutput<typeof told> | undefined> {
  const text = await readFile(directoryAt(dir).instance, 'utf8').catch(() => undefined);
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), told), text);
  return result.success ? result.output : undefined;
}

/** Tells of the instance in a file that is there exactly while this process runs, unless it is killed outright. */
export function instanceFile(path: string) {
  const removeNow = () => rmSync(path, { force: true });
  process.once('exit', removeNow);
  return {
    write: (instance: Instance) => writePrivateFile(path, `${JSON.stringify(instance, null, 2)}\n`),
    remove: async () => {
      process.off('exit', removeNow);
      await rm(path, { force: true });
    },
  };
}
