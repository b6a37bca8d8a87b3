import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startLocal } from '../../local/local.ts';

/** What tests may know of the stack that runs beside them. */
export interface RunningStack {
  readonly baseUrl: string;
  readonly secretKey: string;
  readonly publishableKey: string;
  readonly instanceId: string;
  readonly allowedOrigin: string;
  readonly ticketKeyPem: string;
  readonly dynamodbEndpoint: string;
  readonly logFile: string;
  /** The variables a function needs to run inside the test's own process, against the same DynamoDB and KMS. */
  readonly environment: Readonly<Record<string, string>>;
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly stack: RunningStack;
  }
}

/** Starts the whole product once for all tests of the project, in a folder of its own. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'actor-tokens-test-'));
  const local = await startLocal({ port: 0, dir, fresh: true, testKeys: true });
  const { instance, dynamodbEndpoint, kmsEndpoint, logFile } = local;
  provide('stack', {
    baseUrl: instance.baseUrl,
    secretKey: instance.secretKey,
    publishableKey: instance.publishableKey,
    instanceId: instance.instanceId,
    allowedOrigin: instance.allowedOrigin,
    ticketKeyPem: instance.ticketKeyPem ?? '',
    dynamodbEndpoint,
    logFile,
    environment: {
      ...local.functionEnvironment,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
      AWS_ENDPOINT_URL_KMS: kmsEndpoint,
    },
  });
  return async () => {
    await local.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
