import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startLocal } from '../../local/product-stack.ts';

/** What tests may know of the stack that runs beside them. */
export interface RunningStack {
  readonly baseUrl: string;
  /** Where browsers reach it; the same here, on a deployed stage perhaps another. */
  readonly frontendApiUrl: string;
  readonly secretKey: string;
  readonly publishableKey: string;
  readonly instanceId: string;
  readonly allowedOrigin: string;
  readonly ticketKeyPem: string;
  readonly dynamodbEndpoint: string;
  readonly logFile: string;
  /** Where the stack keeps what it stores, and tells of itself in instance.json. */
  readonly dir: string;
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
  const dir = await mkdtemp(join(tmpdir(), 'running-'));
  const local = await startLocal({ port: 0, dir, fresh: true, testKeys: true });
  const { instance, dynamodbEndpoint, logFile } = local;
  provide('stack', {
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
    environment: instance.environment,
  });
  return local.stop;
}
