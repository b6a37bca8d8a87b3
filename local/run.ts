import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Clock, openClock } from './aws/clock.ts';
import { forwarder } from './aws/dynamodb/forward.ts';
import { type LocalBus, startBus } from './aws/events/bus.ts';
import { type AnsweredRequest, type AnswerLocally, openHttpApi } from './aws/http-api/http-api.ts';
import { startGuard } from './aws/iam/guard.ts';
import { type Functions, startFunctions } from './aws/lambda/functions.ts';
import { startStreams } from './aws/lambda/streams.ts';
import { type LocalS3, startS3 } from './aws/s3/s3.ts';
import { type Directory, openDirectory } from './directory.ts';
import { withResources } from './resources.ts';
import { type StoreOptions, type Stores, startStores, step } from './stores.ts';

const DEFAULT_CONCURRENCY = 16;
const ignore = () => undefined;

export interface RunOptions extends Omit<StoreOptions, 'addresses'> {
  /** The directory in which state is kept between runs; one run at a time uses it. */
  readonly dir: string;
  /** The port of the API; 0 picks a free one. */
  readonly port: number;
  /** The highest number of execution environments of a function. */
  readonly concurrency?: number | undefined;
  /** Delivers the streams of the tables, so that the record is sealed; by default they are. */
  readonly deliversStreams?: boolean | undefined;
  readonly onRequest?: ((answered: AnsweredRequest) => void) | undefined;
  /** Starts a proxy between the functions and the engine at this URL; returns the URL of the proxy. */
  readonly proxyDynamodb?: ((endpoint: string) => Promise<string>) | undefined;
}

/** A stack that runs on this machine. */
export interface Run {
  readonly directory: Directory;
  /** The URL of the API. */
  readonly endpoint: string;
  /** The engine itself, without the guard and any proxy. */
  readonly dynamodb: DynamoDBClient;
  readonly dynamodbEndpoint: string;
  /** The URL of the local KMS itself, without the guard. */
  readonly kmsEndpoint: string;
  /** The URL of the local S3 itself, without the guard. */
  readonly s3Endpoint: string;
  /** The events that the functions put on the bus. */
  readonly bus: LocalBus;
  /** The variables of all functions. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** Lets the API answer, which answers 503 until then. `answerLocally` answers paths that are no part of the stack. */
  serve(answerLocally?: AnswerLocally): void;
  /** Ends every process, closes every port and deletes the instance file. */
  stop(): Promise<void>;
}

/** The log of the local account: its objects and its events. */
interface Log {
  readonly s3: LocalS3;
  readonly bus: LocalBus;
}

async function openLog({ objects }: Directory, resources: AsyncDisposableStack): Promise<Log> {
  const s3 = await startS3(objects);
  resources.defer(s3.stop);
  const bus = await startBus();
  resources.defer(bus.stop);
  return { s3, bus };
}

interface Parts {
  readonly stores: Stores;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly log: Log;
}

/** Starts the functions, and the guard between them and the stores. */
async function openFunctions(
  { proxyDynamodb, concurrency = DEFAULT_CONCURRENCY, report = ignore }: RunOptions,
  { stores, clock, directory, log }: Parts,
  resources: AsyncDisposableStack,
): Promise<Functions> {
  const { stack, dynamodbEndpoint, kms } = stores;
  const dynamodb = forwarder((await proxyDynamodb?.(dynamodbEndpoint)) ?? dynamodbEndpoint);
  resources.defer(dynamodb.stop);
  const services = { dynamodb: dynamodb.send, kms: kms.send, s3: log.s3.send, events: log.bus.send };
  const guard = await startGuard({ ...stack, services, report });
  resources.defer(guard.stop);
  const functions = await startFunctions({
    definitions: stack.functions,
    serviceEndpoint: guard.endpoint,
    clock: clock.shared,
    logFile: directory.logFile,
    compileCache: directory.compileCache,
    concurrency,
    report,
  });
  resources.defer(functions.stop);
  return functions;
}

async function start(options: RunOptions, resources: AsyncDisposableStack): Promise<Run> {
  const directory = await openDirectory(options, resources);
  const api = await openHttpApi(options.port);
  resources.defer(api.stop);
  const { endpoint } = api;
  const stores = await startStores({ ...options, directory, endpoint }, resources);
  const clock = await openClock(directory.clock);
  const log = await openLog(directory, resources);
  const parts = { stores, clock, directory, log };
  const { invoke, runtime } = await step(options, 'functions', () => openFunctions(options, parts, resources));
  const { routes, functions, streams: mappings } = stores.stack;
  if (options.deliversStreams ?? true) {
    const { dynamodbEndpoint } = stores;
    const streams = await startStreams({ mappings, dynamodbEndpoint, file: directory.streams, invoke });
    resources.defer(streams.stop);
  }
  const now = () => clock.read().now;
  return {
    directory,
    endpoint,
    dynamodb: stores.dynamodb,
    dynamodbEndpoint: stores.dynamodbEndpoint,
    kmsEndpoint: stores.kms.endpoint,
    s3Endpoint: log.s3.endpoint,
    bus: log.bus,
    functionEnvironment: Object.assign({}, ...functions.map(({ environment }) => environment), runtime),
    clock,
    serve: (answerLocally = ignore) =>
      api.serve({ routes, invoke, now, answerLocally, onRequest: options.onRequest ?? ignore }),
    stop: () => resources.disposeAsync(),
  };
}

/**
 * Runs a stack on this machine: its HTTP API, functions, tables and keys. When it rejects, nothing is left running.
 *
 * @throws StartError when the directory, a port, the engine or the stack does not allow it
 */
export async function run(options: RunOptions): Promise<Run> {
  return withResources((resources) => start(options, resources));
}
