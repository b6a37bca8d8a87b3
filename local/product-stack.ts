import { type Instance, instanceFrom } from '../shared/base/instance.ts';
import type { Clock } from './aws/clock.ts';
import type { LocalBus } from './aws/events/bus.ts';
import type { AnswerLocally } from './aws/http-api/http-api.ts';
import { writePrivateFile } from './aws/private-file.ts';
import { clockEndpoint } from './clock-endpoint.ts';
import { describeInstance, type LocalInstance } from './instance.ts';
import { readLocalContext } from './local-context.ts';
import { json, type LocalEndpoint } from './local-endpoint.ts';
import { isOperatorPath, localIssuer, operatorEndpoint } from './operator-endpoint.ts';
import { playground, playgroundSignInUrl } from './playground/playground.ts';
import { withResources } from './resources.ts';
import { type Run, type RunOptions, run } from './run.ts';
import { seed } from './seed.ts';
import { step } from './stores.ts';

const DEFAULT_ORIGIN = 'http://127.0.0.1:5173';

export interface LocalOptions extends Omit<RunOptions, 'app' | 'context'> {
  /** Writes the path of the ticket key into the instance file. */
  readonly testKeys?: boolean;
  readonly allowedOrigin?: string;
  /** The page of the app on which a person lands who has opened a link; none by default. It is on the allowed origin. */
  readonly appUrl?: string;
  /** The app's sign-in page, to which the accept page leads; the playground's by default, none when empty. */
  readonly signInUrl?: string;
}

/** The running stack of the product. */
export interface Local extends Pick<Run, 'dynamodbEndpoint' | 'kmsEndpoint' | 'functionEnvironment' | 'stop'> {
  readonly instance: LocalInstance;
  readonly clock: Clock;
  readonly logFile: string;
}

/** Returns a clock that calls `afterMove` after each move, before the move is answered. */
function clockWith({ read, shared, ...clock }: Clock, afterMove: () => Promise<void>): Clock {
  const followed = async (move: Promise<unknown>) => {
    await move;
    await afterMove();
    return read();
  };
  return { read, shared, advance: (seconds) => followed(clock.advance(seconds)), reset: () => followed(clock.reset()) };
}

/** Answers `/`, `/sign-in` and the paths under `/__local/`. */
async function localAnswers(
  described: LocalInstance,
  instance: Instance,
  clock: Clock,
  bus: LocalBus,
): Promise<AnswerLocally> {
  const origins = new Set([described.baseUrl, described.allowedOrigin]);
  const answerClock = clockEndpoint(clock, origins);
  const answerOperators = await operatorEndpoint(described.baseUrl, clock, origins);
  const answerPlayground = playground({ ...described, instance, bus });
  const answerLocal: LocalEndpoint = async (request, path, body) => {
    if (path === '/__local/clock') return answerClock(request, path, body);
    return isOperatorPath(path) ? answerOperators(request, path, body) : json(404, { message: 'Not Found' });
  };
  return (request, path, body) =>
    answerPlayground(request, path, body) ??
    (path.startsWith('/__local/') ? answerLocal(request, path, body) : undefined);
}

async function start(options: LocalOptions, resources: AsyncDisposableStack): Promise<Local> {
  const { allowedOrigin = DEFAULT_ORIGIN, appUrl, testKeys = false } = options;
  const context = (endpoint: string) => {
    const { signInUrl = playgroundSignInUrl(endpoint) } = options;
    return readLocalContext({
      allowedOrigin,
      appUrl,
      signInUrl: signInUrl || undefined,
      issuer: localIssuer(endpoint),
    });
  };
  const running = await run({ ...options, app: 'cdk/app.ts', context });
  resources.defer(running.stop);
  const { dynamodb, directory, functionEnvironment } = running;
  const instance = instanceFrom(functionEnvironment);
  const now = running.clock.read().now;
  const seeded = await step(options, 'seeded', () => seed({ dynamodb, directory, instance, now }));
  const describe = () => describeInstance(running, { seed: seeded, allowedOrigin, testKeys });
  const writeInstance = () => writePrivateFile(directory.instance, `${JSON.stringify(describe(), null, 2)}\n`);
  const clock = clockWith(running.clock, writeInstance);
  running.serve(await localAnswers(describe(), instance, clock, running.bus));
  await writeInstance();
  return {
    get instance() {
      return describe();
    },
    dynamodbEndpoint: running.dynamodbEndpoint,
    kmsEndpoint: running.kmsEndpoint,
    functionEnvironment,
    clock,
    logFile: directory.logFile,
    stop: running.stop,
  };
}

/**
 * Runs the product's stack on this machine, with users, a secret key and the playground. Resolves once its API answers. When it
 * rejects, nothing is left running.
 *
 * @throws StartError when the directory, the port, the engine or the stack does not allow it
 */
export async function startLocal(options: LocalOptions): Promise<Local> {
  return withResources((resources) => start(options, resources));
}
