import { resolve } from 'node:path';
import { type Clock, openClock } from './clock.ts';
import { clockEndpoint } from './clock-endpoint.ts';
import { claimDirectory, type Directory, directoryAt, emptyDirectory } from './directory.ts';
import { checkEngine, createTables, deleteTables, localDynamodb } from './dynamodb.ts';
import { endLeftOverEngine, startEngine } from './engine.ts';
import { forwarder } from './forward.ts';
import { startFunctions } from './functions.ts';
import { startGuard } from './guard.ts';
import { openHttpApi } from './http-api.ts';
import { instanceFile, instanceFrom, type LocalInstance, variable } from './instance.ts';
import { startKms } from './kms.ts';
import { playground, playgroundSignInUrl } from './playground/playground.ts';
import { withResources } from './resources.ts';
import { seed } from './seed.ts';
import { stackFrom } from './stack.ts';
import { type Assembly, readAssembly, type SynthesisOptions, synthesize } from './synthesize.ts';

const defaultOrigin = 'http://127.0.0.1:5173';
const defaultConcurrency = 16;

export interface LocalOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** Where state is kept between runs; one run at a time. */
  readonly dir: string;
  /** Forget what earlier runs stored. */
  readonly fresh?: boolean;
  /** Tell in the instance file where the ticket key is. */
  readonly testKeys?: boolean;
  readonly allowedOrigin?: string;
  /** Where the accept link leads: the playground's sign-in page unless told, the product's own page when empty. */
  readonly signInUrl?: string;
  /** Where browsers reach the API when not by its own host: through a proxy in front of it, with the path there. */
  readonly frontendApiUrl?: string;
  /** A running DynamoDB engine to use instead of the embedded one. */
  readonly dynamodbEndpoint?: string | undefined;
  /** Puts something between the functions and the engine: given the engine's endpoint, the one for what they may do. */
  readonly proxyDynamodb?: (endpoint: string) => Promise<string>;
  /** Execution environments per function. */
  readonly concurrency?: number;
  /** An already synthesized stack, for the port and origin of these options. */
  readonly outdir?: string;
  /** Hears the steps of the start and one line per request. */
  readonly report?: (line: string) => void;
  /** Aborts the start. */
  readonly signal?: AbortSignal;
  /** Called when the engine ends on its own: nothing works from then on. */
  readonly onCrash?: (reason: string) => void;
}

export type TableRole = 'actorTokens' | 'sessions' | 'clients' | 'users' | 'secretKeys';

/** A running stack. */
export interface Local {
  readonly instance: LocalInstance;
  /** Of the engine itself, behind the guard and any proxy. */
  readonly dynamodbEndpoint: string;
  /** Of the local KMS itself, behind the guard. */
  readonly kmsEndpoint: string;
  readonly tables: Readonly<Record<TableRole, string>>;
  /** The variables of all functions, resolved. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
  readonly clock: Pick<Clock, 'advance' | 'reset'>;
  readonly logFile: string;
  /** Leaves no process, port or instance file behind. */
  stop(): Promise<void>;
}

type Step = <T>(name: string, work: () => Promise<T>) => Promise<T>;

function steps(report: (line: string) => void, signal: AbortSignal): Step {
  return async (name, work) => {
    signal.throwIfAborted();
    const started = performance.now();
    const result = await work();
    report(`  ${name.padEnd(24)} ${((performance.now() - started) / 1000).toFixed(2)} s`);
    return result;
  };
}

/**
 * Runs the synthesized stack on this machine: resolves once the API answers. When it rejects, nothing is left running.
 * @throws Refusal with one line for the user when the port, the directory, the engine or the stack stands in the way.
 */
export async function startLocal(options: LocalOptions): Promise<Local> {
  return withResources((resources) => start(options, resources));
}

async function start(options: LocalOptions, resources: AsyncDisposableStack): Promise<Local> {
  const { report = () => undefined, signal = new AbortController().signal, allowedOrigin = defaultOrigin } = options;
  const step = steps(report, signal);
  const directory = directoryAt(resolve(options.dir));

  resources.defer(await claimDirectory(directory));
  const file = instanceFile(directory.instance);
  resources.defer(file.remove);
  await file.remove();
  const api = await openHttpApi(options.port);
  resources.defer(api.stop);
  await endLeftOverEngine(directory);
  if (options.fresh) await emptyDirectory(directory);

  const dynamodbEndpoint = await step('engine', () => openEngine(options, directory, resources));
  const dynamodb = localDynamodb(dynamodbEndpoint);
  resources.defer(() => dynamodb.destroy());
  report('  synthesizing the stack …');
  const assembly = await step('synthesized', () => {
    const { signInUrl = playgroundSignInUrl(api.endpoint) } = options;
    return openAssembly(options, directory, { allowedOrigin, signInUrl: signInUrl || undefined, signal });
  });
  const stack = stackFrom(assembly, options.frontendApiUrl ?? api.endpoint);
  const kms = await step('keys', () => startKms(directory.keys, stack.kmsKeyIds));
  resources.defer(kms.stop);
  await step('tables', async () => {
    if (options.fresh && options.dynamodbEndpoint) await deleteTables(dynamodb, stack.tables);
    await createTables(dynamodb, stack.tables);
  });

  const clock = await openClock(directory.clock, () => file.write(instance()));
  const proxiedDynamodb = (await options.proxyDynamodb?.(dynamodbEndpoint)) ?? dynamodbEndpoint;
  const forwarding = forwarder(proxiedDynamodb);
  resources.defer(async () => forwarding.stop());
  const services = { dynamodb: forwarding.send, kms: kms.send };
  const guard = await startGuard({ ...stack, services, report });
  resources.defer(guard.stop);
  const functions = await step('functions', () =>
    startFunctions({
      definitions: stack.functions,
      serviceEndpoint: guard.endpoint,
      clock: clock.shared,
      directory,
      concurrency: options.concurrency ?? defaultConcurrency,
      report,
    }),
  );
  resources.defer(functions.stop);
  const { environment } = functions;
  const tables = tablesOf(environment);
  const seeded = await step('seeded', () => {
    const generation = Number(variable(environment, 'GENERATION'));
    return seed({ dynamodb, directory, tables, generation, now: clock.read().now });
  });

  function instance(): LocalInstance {
    const { testKeys = false } = options;
    const endpoints = { dynamodb: dynamodbEndpoint, kms: kms.endpoint };
    const parts = { baseUrl: api.endpoint, environment, endpoints, seed: seeded, allowedOrigin, testKeys, directory };
    return instanceFrom({ ...parts, clock: clock.read() });
  }

  await step('listening', async () => {
    const clockAnswer = clockEndpoint(clock, new Set([api.endpoint, allowedOrigin]));
    const playgroundAnswer = playground({ ...instance(), signInUrl: environment.SIGN_IN_URL });
    api.serve({
      routes: stack.routes,
      invoke: functions.invoke,
      now: () => clock.read().now,
      local: (request, path, body) =>
        playgroundAnswer(request, path, body) ??
        (path.startsWith('/__local/') ? clockAnswer(request, path, body) : undefined),
      onRequest: report,
    });
    await file.write(instance());
  });
  return {
    get instance() {
      return instance();
    },
    dynamodbEndpoint,
    kmsEndpoint: kms.endpoint,
    tables,
    functionEnvironment: environment,
    clock,
    logFile: directory.functionsLog,
    stop: () => resources.disposeAsync(),
  };
}

async function openEngine(
  { dynamodbEndpoint, onCrash }: LocalOptions,
  directory: Directory,
  resources: AsyncDisposableStack,
): Promise<string> {
  if (dynamodbEndpoint) {
    await checkEngine(dynamodbEndpoint);
    return dynamodbEndpoint;
  }
  const engine = await startEngine(directory, () => onCrash?.('The DynamoDB engine has ended on its own.'));
  resources.defer(engine.stop);
  return engine.endpoint;
}

async function openAssembly(
  { outdir }: LocalOptions,
  directory: Directory,
  context: Omit<SynthesisOptions, 'outdir'>,
): Promise<Assembly> {
  if (outdir !== undefined) return readAssembly(outdir);
  await synthesize({ outdir: directory.assembly, ...context });
  return readAssembly(directory.assembly);
}

function tablesOf(environment: Readonly<Record<string, string>>): Record<TableRole, string> {
  return {
    actorTokens: variable(environment, 'ACTOR_TOKENS_TABLE'),
    sessions: variable(environment, 'SESSIONS_TABLE'),
    clients: variable(environment, 'CLIENTS_TABLE'),
    users: variable(environment, 'USERS_TABLE'),
    secretKeys: variable(environment, 'SECRET_KEYS_TABLE'),
  };
}
