import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenLocally } from '../../local/aws/server.ts';
import { StartError } from '../../local/aws/start-error.ts';
import type { LocalInstance } from '../../local/instance.ts';
import { type Local, startLocal } from '../../local/product-stack.ts';
import type { RunOptions } from '../command.ts';

/** The app, and the local stack that it calls. */
export interface NextExample {
  /** The origin of the app's pages. */
  readonly origin: string;
  readonly local: Local;
  stop(): Promise<void>;
}

const proxyPath = '/__clerk';

/** The variables of the app that depend on the stack. The file .env has the others. */
function environmentOf({ publishableKey, secretKey, baseUrl }: LocalInstance, origin: string) {
  return {
    NODE_ENV: 'production',
    APP_ORIGIN: origin,
    NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: publishableKey,
    CLERK_SECRET_KEY: secretKey,
    CLERK_API_URL: baseUrl,
    CLERK_FAPI_URL: baseUrl,
  } as const;
}

type Environment = ReturnType<typeof environmentOf>;

function startNode(args: readonly string[], environment: Environment, signal?: AbortSignal) {
  return spawn(process.execPath, args, {
    cwd: import.meta.dirname,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
}

/** @throws StartError with the output of Next when it does not build the app */
async function build(environment: Environment, signal: AbortSignal): Promise<void> {
  const child = startNode(['--run', 'build'], environment, signal);
  const printed: Buffer[] = [];
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => printed.push(chunk));
  const [status] = await once(child, 'close');
  if (status !== 0) throw new StartError(`${Buffer.concat(printed)}\nThe app is not built: correct the error above.`);
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

async function end(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Starts the app and resolves once it answers. @throws StartError when it ends before */
async function serve(port: number, environment: Environment): Promise<ChildProcess> {
  // With 127.0.0.1 in place of localhost, each request that Clerk's middleware passes on would hang.
  const child = startNode(
    ['node_modules/next/dist/bin/next', 'start', '-H', 'localhost', '-p', String(port)],
    environment,
  );
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  child.stderr.pipe(process.stderr, { end: false });
  const answer = () => fetch(environment.APP_ORIGIN).catch(() => undefined);
  while (isRunning(child) && !(await answer())) await sleep(50);
  if (!isRunning(child)) throw new StartError('The app does not start: correct the error above.');
  return child;
}

/** Builds the app, and starts it and the local stack. When it rejects, nothing is left running. */
export async function startNextExample({ ports, ...options }: RunOptions): Promise<NextExample> {
  await using starting = new AsyncDisposableStack();
  // The stack and the app are told the origin before the app listens.
  const free = await listenLocally(createServer(), ports[0]);
  await free.stop();
  const origin = `http://localhost:${free.port}`;
  const local = await startLocal({
    ...options,
    port: ports[1],
    fresh: true,
    apiUrl: origin + proxyPath,
    allowedOrigin: origin,
    signInUrl: `${origin}/sign-in`,
  });
  starting.defer(local.stop);
  const environment = environmentOf(local.instance, origin);
  options.report?.('  building the app …');
  await build(environment, options.signal);
  const app = await serve(free.port, environment);
  starting.defer(() => end(app));
  const running = starting.move();
  return { origin, local, stop: () => running.disposeAsync() };
}
