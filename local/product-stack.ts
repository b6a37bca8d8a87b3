import type { Clock } from './aws/clock.ts';
import type { AnswerLocally } from './aws/http-api/http-api.ts';
import { writePrivateFile } from './aws/private-file.ts';
import { clockEndpoint } from './clock-endpoint.ts';
import { functionVariable } from './function-variable.ts';
import { describeInstance, type LocalInstance } from './instance.ts';
import { readLocalContext } from './local-context.ts';
import { playground, playgroundSignInUrl } from './playground/playground.ts';
import { withResources } from './resources.ts';
import { type Run, type RunOptions, run } from './run.ts';
import { type Seed, seed } from './seed.ts';
import { step } from './stores.ts';
import { type SynthesisOptions, synthesize } from './synthesize.ts';

const DEFAULT_ORIGIN = 'http://127.0.0.1:5173';

export interface LocalOptions extends Omit<RunOptions, 'assemble' | 'apiUrl'> {
  /** Writes the path of the ticket key into the instance file. */
  readonly testKeys?: boolean;
  readonly allowedOrigin?: string;
  /** The page to which the accept link leads; the playground's sign-in page by default, the product's own page when empty. */
  readonly signInUrl?: string;
  /** The URL of the API for browsers, when a proxy is in front of it. */
  readonly frontendApiUrl?: string;
  /** The folder of a stack that is synthesized already, for the port and origin of these options. */
  readonly outdir?: string;
}

export type TableRole = 'actorTokens' | 'sessions' | 'clients' | 'users' | 'secretKeys';

/** The running stack of the product. */
export interface Local {
  readonly instance: LocalInstance;
  /** The URL of the engine itself, without the guard and any proxy. */
  readonly dynamodbEndpoint: string;
  /** The URL of the local KMS itself, without the guard. */
  readonly kmsEndpoint: string;
  readonly tables: Readonly<Record<TableRole, string>>;
  /** The variables of all functions. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
  readonly clock: Pick<Clock, 'advance' | 'reset'>;
  readonly logFile: string;
  /** Ends every process, closes every port and deletes the instance file. */
  stop(): Promise<void>;
}

/** Synthesizes the product's stack for a run on this machine. */
export async function synthesizeProduct({
  outdir,
  signal,
  ...options
}: Pick<SynthesisOptions, 'outdir' | 'signal'> & Parameters<typeof readLocalContext>[0]): Promise<void> {
  await synthesize({ app: 'cdk/app.ts', outdir, context: await readLocalContext(options), signal });
}

/** Starts the engine, the local KMS, the functions and the API. */
function runProduct(options: LocalOptions, resources: AsyncDisposableStack): Promise<Run> {
  const { allowedOrigin = DEFAULT_ORIGIN, signal } = options;
  return run(
    {
      ...options,
      apiUrl: options.frontendApiUrl,
      assemble: async (outdir, endpoint) => {
        if (options.outdir !== undefined) return options.outdir;
        const { signInUrl = playgroundSignInUrl(endpoint) } = options;
        await synthesizeProduct({ outdir, signal, allowedOrigin, signInUrl: signInUrl || undefined });
        return outdir;
      },
    },
    resources,
  );
}

/** Returns a clock each of whose moves is followed by `afterMove` before it is answered. */
function clockWith({ read, shared, ...clock }: Clock, afterMove: () => Promise<void>): Clock {
  const followed = async (move: Promise<unknown>) => {
    await move;
    await afterMove();
    return read();
  };
  return { read, shared, advance: (seconds) => followed(clock.advance(seconds)), reset: () => followed(clock.reset()) };
}

function tablesOf(environment: Readonly<Record<string, string>>): Record<TableRole, string> {
  return {
    actorTokens: functionVariable(environment, 'ACTOR_TOKENS_TABLE'),
    sessions: functionVariable(environment, 'SESSIONS_TABLE'),
    clients: functionVariable(environment, 'CLIENTS_TABLE'),
    users: functionVariable(environment, 'USERS_TABLE'),
    secretKeys: functionVariable(environment, 'SECRET_KEYS_TABLE'),
  };
}

/** Answers `/`, `/sign-in` and the paths under `/__local/`. */
function localAnswers({ baseUrl, allowedOrigin, ...instance }: LocalInstance, clock: Clock): AnswerLocally {
  const answerClock = clockEndpoint(clock, new Set([baseUrl, allowedOrigin]));
  const answerPlayground = playground({ ...instance, baseUrl, signInUrl: instance.environment.SIGN_IN_URL });
  return (request, path, body) =>
    answerPlayground(request, path, body) ??
    (path.startsWith('/__local/') ? answerClock(request, path, body) : undefined);
}

function instanceOf({ endpoint, directory, ...running }: Run, seeded: Seed, options: LocalOptions): LocalInstance {
  return describeInstance({
    baseUrl: endpoint,
    environment: running.functionEnvironment,
    endpoints: { dynamodb: running.dynamodbEndpoint, kms: running.kms.endpoint },
    seed: seeded,
    allowedOrigin: options.allowedOrigin ?? DEFAULT_ORIGIN,
    clock: running.clock.read(),
    testKeys: options.testKeys ?? false,
    directory,
  });
}

async function start(options: LocalOptions, resources: AsyncDisposableStack): Promise<Local> {
  const running = await runProduct(options, resources);
  const { dynamodb, directory, functionEnvironment: environment } = running;
  const now = running.clock.read().now;
  const seeded = await step(options, 'seeded', () => seed({ dynamodb, directory, environment, now }));
  const instance = () => instanceOf(running, seeded, options);
  const writeInstance = () => writePrivateFile(directory.instance, `${JSON.stringify(instance(), null, 2)}\n`);
  const clock = clockWith(running.clock, writeInstance);
  await step(options, 'listening', async () => {
    running.serve(localAnswers(instance(), clock));
    await writeInstance();
  });
  return {
    get instance() {
      return instance();
    },
    dynamodbEndpoint: running.dynamodbEndpoint,
    kmsEndpoint: running.kms.endpoint,
    tables: tablesOf(environment),
    functionEnvironment: environment,
    clock,
    logFile: directory.logFile,
    stop: () => resources.disposeAsync(),
  };
}

/**
 * Runs the product's stack on this machine. Resolves once its API answers. When it rejects, nothing is left running.
 *
 * @throws StartError when the port, the directory, the engine or the stack does not allow it
 */
export async function startLocal(options: LocalOptions): Promise<Local> {
  return withResources((resources) => start(options, resources));
}
