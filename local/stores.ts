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
import type { Directory, DirectoryOptions } from './directory.ts';

interface StepOptions {
  /** Receives the steps of the start. */
  readonly report?: ((line: string) => void) | undefined;
  /** Aborts the start. */
  readonly signal?: AbortSignal | undefined;
}

export interface StoreOptions extends DirectoryOptions, StepOptions {
  /** Synthesizes the stack into this folder, or returns another one into which it is synthesized already. */
  readonly assemble: (outdir: string) => Promise<string>;
  /** The addresses of DynamoDB and KMS; free ports of 127.0.0.1 by default. */
  readonly addresses?: { readonly dynamodb: Address; readonly kms: Address };
  /** The URL of a running DynamoDB engine, which is used in place of the embedded one. */
  readonly dynamodbEndpoint?: string | undefined;
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

const anyAddress: Address = { host: '127.0.0.1', port: 0 };

/** Runs a step of a start and reports how long it took. @throws the reason of the signal when it has aborted */
export async function step<T>(options: StepOptions, name: string, work: () => Promise<T>): Promise<T> {
  options.signal?.throwIfAborted();
  const started = performance.now();
  const result = await work();
  options.report?.(`  ${name.padEnd(24)} ${((performance.now() - started) / 1000).toFixed(2)} s`);
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
  const engine = await startEngine({
    binary: requireEngine(),
    database,
    pidFile,
    address: addresses?.dynamodb ?? anyAddress,
    onCrash: () => onCrash?.('The DynamoDB engine has ended on its own.'),
  });
  resources.defer(engine.stop);
  return engine.endpoint;
}

async function openTables(
  { fresh, dynamodbEndpoint }: StoreOptions,
  dynamodb: DynamoDBClient,
  tables: readonly LocalTable[],
): Promise<void> {
  // The embedded engine's database is a file of the directory, which `fresh` has deleted.
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
  options: StoreOptions & { readonly directory: Directory; readonly apiUrl: string },
  resources: AsyncDisposableStack,
): Promise<Stores> {
  const { directory, apiUrl, assemble, addresses, report } = options;
  const dynamodbEndpoint = await step(options, 'engine', () => openEngine(options, directory, resources));
  const dynamodb = localDynamodb(dynamodbEndpoint);
  resources.defer(() => dynamodb.destroy());
  report?.('  synthesizing the stack …');
  const assembly = await step(options, 'synthesized', async () => readAssembly(await assemble(directory.assembly)));
  const stack = stackFrom(assembly, apiUrl);
  const kms = await step(options, 'keys', () => startKms(directory.keys, stack.kmsKeyIds, addresses?.kms));
  resources.defer(kms.stop);
  await step(options, 'tables', () => openTables(options, dynamodb, stack.tables));
  return { stack, stackName: assembly.stackName, dynamodb, dynamodbEndpoint, kms };
}
