import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { StackUnderTest } from '../../cdk/commands/smoke/stack-under-test.ts';
import { startLocal } from '../../local/product-stack.ts';

/** The running stack, as tests receive it. In a smoke test only the members of `StackUnderTest` are given. */
export interface RunningStack extends StackUnderTest {
  readonly logFile: string;
  /** The directory of the local run, with its `instance.json`. */
  readonly dir: string;
  /** The endpoint of DynamoDB and KMS for the functions: what a role does not allow is refused there, as by IAM. */
  readonly guardEndpoint: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly stack: RunningStack;
  }
}

/**
 * Starts the product in a new directory, once for all projects of a run: the first one provides it to the others. `DYNAMODB_ENDPOINT`
 * names a running engine to use in place of the embedded one; the tables of the product in it are deleted first.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if ('stack' in project.getProvidedContext()) return undefined;
  const dir = await mkdtemp(join(tmpdir(), 'running-'));
  const dynamodbUrl = process.env.DYNAMODB_ENDPOINT || undefined;
  const local = await startLocal({
    port: 0,
    dir,
    fresh: true,
    testKeys: true,
    dynamodbEndpoint: dynamodbUrl,
    deliversStreams: false,
  });
  const { instance, dynamodbEndpoint, logFile } = local;
  project.vitest.provide('stack', {
    baseUrl: instance.baseUrl,
    frontendApiUrl: instance.frontendApiUrl,
    secretKey: instance.secretKey,
    publishableKey: instance.publishableKey,
    instanceId: instance.instanceId,
    allowedOrigin: instance.allowedOrigin,
    ticketKeyPem: instance.ticketKeyPem ?? '',
    dynamodbEndpoint,
    logFile,
    dir,
    guardEndpoint: local.functionEnvironment.AWS_ENDPOINT_URL_DYNAMODB ?? '',
    environment: instance.environment,
  });
  return local.stop;
}
