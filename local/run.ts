import { type Clock, openClock } from './aws/clock.ts';
import { forwarder } from './aws/dynamodb/forward.ts';
import { type AnswerLocally, openHttpApi } from './aws/http-api/http-api.ts';
import { startGuard } from './aws/iam/guard.ts';
import { type Functions, startFunctions } from './aws/lambda/functions.ts';
import { type Directory, openDirectory } from './directory.ts';
import { type StoreOptions, type Stores, startStores, step } from './stores.ts';

const DEFAULT_CONCURRENCY = 16;

export interface RunOptions extends Omit<StoreOptions, 'assemble'> {
  /** Synthesizes the stack for an API at this URL into this folder, or returns another one with the synthesized stack. */
  readonly assemble: (outdir: string, endpoint: string) => Promise<string>;
  /** The port of the API; 0 picks a free one. */
  readonly port: number;
  /** The URL that the stack takes for that of its API, when a proxy is in front of it. */
  readonly apiUrl?: string | undefined;
  /** The highest number of execution environments of a function. */
  readonly concurrency?: number | undefined;
  /** Starts a proxy between the functions and the engine at this URL; returns the URL of the proxy. */
  readonly proxyDynamodb?: ((endpoint: string) => Promise<string>) | undefined;
}

/** A stack that runs on this machine. */
export interface Run extends Stores {
  readonly directory: Directory;
  /** The URL of the API. */
  readonly endpoint: string;
  /** The variables of all functions. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
  /** The functions' clock. */
  readonly clock: Clock;
  /** Lets the API answer, which answers 503 until then. `answerLocally` answers paths that are no part of the stack. */
  serve(answerLocally?: AnswerLocally): void;
}

interface Parts {
  readonly stores: Stores;
  readonly clock: Clock;
  readonly directory: Directory;
}

/** Starts the functions, and the guard between them and the stores. */
async function openFunctions(
  { proxyDynamodb, concurrency = DEFAULT_CONCURRENCY, report = () => undefined }: RunOptions,
  { stores, clock, directory }: Parts,
  resources: AsyncDisposableStack,
): Promise<Functions> {
  const { stack, dynamodbEndpoint, kms } = stores;
  const dynamodb = forwarder((await proxyDynamodb?.(dynamodbEndpoint)) ?? dynamodbEndpoint);
  resources.defer(dynamodb.stop);
  const guard = await startGuard({ ...stack, services: { dynamodb: dynamodb.send, kms: kms.send }, report });
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

/**
 * Runs a synthesized stack on this machine until the resources are disposed: its HTTP API, functions, tables and keys.
 *
 * @throws StartError when the directory, a port, the engine or the stack does not allow it
 */
export async function run(options: RunOptions, resources: AsyncDisposableStack): Promise<Run> {
  const directory = await openDirectory(options, resources);
  const api = await openHttpApi(options.port);
  resources.defer(api.stop);
  const assemble = (outdir: string) => options.assemble(outdir, api.endpoint);
  const apiUrl = options.apiUrl ?? api.endpoint;
  const stores = await startStores({ ...options, directory, assemble, apiUrl }, resources);
  const clock = await openClock(directory.clock);
  const parts = { stores, clock, directory };
  const functions = await step(options, 'functions', () => openFunctions(options, parts, resources));
  const { routes, functions: definitions } = stores.stack;
  return {
    ...stores,
    directory,
    endpoint: api.endpoint,
    functionEnvironment: Object.assign({}, ...definitions.map(({ environment }) => environment), functions.runtime),
    clock,
    serve: (answerLocally = () => undefined) =>
      api.serve({
        routes,
        invoke: functions.invoke,
        now: () => clock.read().now,
        answerLocally,
        onRequest: options.report ?? (() => undefined),
      }),
  };
}
