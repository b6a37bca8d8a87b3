import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readAssembly } from './aws/assembly.ts';
import { engineBinary, startEngine } from './aws/dynamodb/engine.ts';
import {
  answersAsDynamodb,
  createTables,
  deleteTables,
  type LocalTable,
  localDynamodb,
  TableMismatch,
} from './aws/dynamodb/tables.ts';
import { type LocalKms, startKms } from './aws/kms/kms.ts';
import type { Address } from './aws/server.ts';
import { type Stack, stackFrom } from './aws/stack.ts';
import { StartError } from './aws/start-error.ts';
import type { Directory } from './directory.ts';
import { type Context, synthesize } from './synthesize.ts';

export interface StoreOptions {
  /** The CDK app's file, relative to the project. */
  readonly app: string;
  /** Returns the context of the app, for an API at this URL. */
  readonly context: (endpoint: string) => Promise<Context>;
  /** The folder of the stack, when it is synthesized already. */
  readonly outdir?: string | undefined;
  /** The URL that the stack takes for that of its API, when it is not the endpoint. */
  readonly apiUrl?: string | undefined;
  /** Returns the ids of the keys that KMS has; those that CloudFormation would give the keys of the stack by default. */
  readonly kmsKeyIds?: ((stack: Stack) => readonly string[]) | undefined;
  /** The addresses of DynamoDB and KMS; free ports of 127.0.0.1 by default. */
  readonly addresses?: { readonly dynamodb: Address; readonly kms: Address };
  /** The URL of a running DynamoDB engine, which is used in place of the embedded one. */
  readonly dynamodbEndpoint?: string | undefined;
  /** Gives the tables their streams; by default they have them. The embedded engine writes more slowly with each record in a stream. */
  readonly hasStreams?: boolean | undefined;
  /** Deletes what earlier runs stored. */
  readonly fresh?: boolean | undefined;
  /** Receives the steps of the start. */
  readonly report?: ((line: string) => void) | undefined;
  /** Aborts the start. */
  readonly signal?: AbortSignal | undefined;
  /** Called when the embedded engine ends on its own: nothing works from then on. */
  readonly onCrash?: ((reason: string) => void) | undefined;
}

/** The tables and keys of a stack, in an engine and a local KMS. */
export interface Stores {
  readonly stack: Stack;
  readonly stackName: string;
  readonly dynamodb: DynamoDBClient;
  readonly dynamodbEndpoint: string;
  readonly kms: LocalKms;
}

/** Runs a step of a start and reports how long it took. @throws the reason of the signal when it has aborted */
export async function step<T>(
  { report, signal }: Pick<StoreOptions, 'report' | 'signal'>,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const started = performance.now();
  const result = await work();
  report?.(`  ${name.padEnd(24)} ${((performance.now() - started) / 1000).toFixed(2)} s`);
  return result;
}

/** Returns the path of the embedded engine for a platform. @throws StartError naming `DYNAMODB_ENDPOINT` when there is none */
export function requireEngine(platform = `${process.platform}-${process.arch}`): string {
  const binary = engineBinary(platform);
  if (binary !== undefined) return binary;
  throw new StartError(
    `No embedded DynamoDB engine is installed for ${platform}: start one with "npx -y dynoxide@1.2.1 serve --port 8000" or "docker run -p 8000:8000 amazon/dynamodb-local", then "DYNAMODB_ENDPOINT=http://127.0.0.1:8000 npm start".`,
  );
}

async function openEngine(
  { dynamodbEndpoint, addresses, onCrash }: StoreOptions,
  { database, pidFile }: Directory,
  resources: AsyncDisposableStack,
): Promise<string> {
  if (dynamodbEndpoint) {
    if (await answersAsDynamodb(dynamodbEndpoint)) return dynamodbEndpoint;
    throw new StartError(`No DynamoDB engine answers at ${dynamodbEndpoint}: start it, or unset DYNAMODB_ENDPOINT.`);
  }
  const address = addresses?.dynamodb ?? { host: '127.0.0.1', port: 0 };
  const crashed = () => onCrash?.('The DynamoDB engine has ended on its own.');
  const engine = await startEngine({ binary: requireEngine(), database, pidFile, address, onCrash: crashed });
  resources.defer(engine.stop);
  return engine.endpoint;
}

async function openTables(
  { fresh, dynamodbEndpoint, hasStreams = true }: StoreOptions,
  dynamodb: DynamoDBClient,
  defined: readonly LocalTable[],
): Promise<void> {
  const tables = hasStreams ? defined : defined.map(({ StreamSpecification: _stream, ...table }) => table);
  // A fresh start has already deleted the database of the embedded engine.
  if (fresh && dynamodbEndpoint) await deleteTables(dynamodb, tables);
  await createTables(dynamodb, tables).catch((error: unknown) => {
    if (!(error instanceof TableMismatch)) throw error;
    throw new StartError(`${error.message} Add "-- --fresh" to the command, which deletes what is stored.`);
  });
}

/**
 * Synthesizes a stack and starts an engine with its tables and a local KMS with its keys, until the resources are disposed.
 *
 * @throws StartError when the engine, a port or the stack does not allow it
 */
export async function startStores(
  options: StoreOptions & { readonly directory: Directory; readonly endpoint: string },
  resources: AsyncDisposableStack,
): Promise<Stores> {
  const { app, directory, endpoint, apiUrl = endpoint, signal } = options;
  const dynamodbEndpoint = await step(options, 'engine', () => openEngine(options, directory, resources));
  const dynamodb = localDynamodb(dynamodbEndpoint);
  resources.defer(() => dynamodb.destroy());
  options.report?.('  synthesizing the stack …');
  const { outdir = directory.assembly } = options;
  await step(options, 'synthesized', async () => {
    if (!options.outdir) await synthesize({ app, outdir, context: await options.context(endpoint), signal });
  });
  const assembly = await readAssembly(outdir);
  const stack = stackFrom(assembly, apiUrl);
  const keyIds = options.kmsKeyIds?.(stack) ?? stack.kmsKeyIds;
  const kms = await step(options, 'keys', () => startKms(directory.keys, keyIds, options.addresses?.kms));
  resources.defer(kms.stop);
  await step(options, 'tables', () => openTables(options, dynamodb, stack.tables));
  return { stack, stackName: assembly.stackName, dynamodb, dynamodbEndpoint, kms };
}
