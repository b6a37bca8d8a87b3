import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { onTestFinished } from 'vitest';
import { type Local, type LocalOptions, startLocal } from '../../local/product-stack.ts';
import { temporaryDirectory, tinyAssembly } from './tiny-stack.ts';

/** What the tiny stack's function answers. */
export interface Echo {
  readonly event: { readonly requestContext: { readonly timeEpoch: number } };
  readonly now: number;
  readonly made: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs the tiny stack, in a directory of its own unless one is given. */
export async function tinyRun(options: Partial<LocalOptions> = {}): Promise<Local> {
  const outdir = options.outdir ?? (await tinyAssembly());
  return startLocal({ port: 0, dir: await temporaryDirectory(), ...options, outdir });
}

/** Runs the tiny stack until the end of the test. */
export async function started(options: Partial<LocalOptions> = {}): Promise<Local> {
  const local = await tinyRun(options);
  onTestFinished(() => local.stop());
  return local;
}

export async function echo({ instance }: Local, path: string): Promise<Echo> {
  const response = await fetch(instance.baseUrl + path);
  return response.json() as Promise<Echo>;
}

export function dynamodbOf({ dynamodbEndpoint }: Local): DynamoDBClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new DynamoDBClient({ endpoint: dynamodbEndpoint, region: 'us-east-1', credentials });
}

/** What a function has in its hands: clients with the function's access key, at the endpoints the functions are given. */
export function clientsOf({ functionEnvironment }: Local, functionName: string) {
  const credentials = { accessKeyId: functionName, secretAccessKey: 'local' };
  const settings = { region: 'us-east-1', credentials, maxAttempts: 1 };
  return {
    dynamodb: new DynamoDBClient({ ...settings, endpoint: functionEnvironment.AWS_ENDPOINT_URL_DYNAMODB ?? '' }),
    kms: new KMSClient({ ...settings, endpoint: functionEnvironment.AWS_ENDPOINT_URL_KMS ?? '' }),
  };
}
