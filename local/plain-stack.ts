import { runCdkApp } from './cdk-app.ts';
import { openClock } from './clock.ts';
import { claimDirectory, directoryAt } from './directory.ts';
import { startFunctions } from './functions.ts';
import { openHttpApi } from './http-api.ts';
import { Refusal } from './refusal.ts';
import { withResources } from './resources.ts';
import { stackFrom } from './stack.ts';
import { readAssembly } from './synthesize.ts';

const concurrency = 4;
/** Nothing answers there, and nothing of such a stack should ask. */
const noServices = 'http://127.0.0.1:9';

export interface PlainStackOptions {
  /** The CDK app's file, relative to the project. */
  readonly app: string;
  readonly context: Readonly<Record<string, string>>;
  /** 0 picks a free one. */
  readonly port: number;
  readonly dir: string;
  /** Hears one line per request. */
  readonly report?: (line: string) => void;
  /** Aborts the start. */
  readonly signal?: AbortSignal;
}

export interface PlainStack {
  readonly endpoint: string;
  readonly logFile: string;
  stop(): Promise<void>;
}

/**
 * Runs a stack on this machine that is an HTTP API with functions and nothing else: no tables, no keys, no moved clock.
 * Resolves once the API answers. When it rejects, nothing is left running.
 * @throws Refusal when the port or the directory is taken, or the stack does not synthesize or has more in it.
 */
export async function startPlainStack(options: PlainStackOptions): Promise<PlainStack> {
  return withResources((resources) => start(options, resources));
}

async function start(options: PlainStackOptions, resources: AsyncDisposableStack): Promise<PlainStack> {
  const { app, context, port, dir, report = () => undefined, signal = new AbortController().signal } = options;
  const directory = directoryAt(dir);
  resources.defer(await claimDirectory(directory));
  const api = await openHttpApi(port);
  resources.defer(api.stop);
  await runCdkApp({ app, outdir: directory.assembly, context, signal });
  const stack = stackFrom(await readAssembly(directory.assembly), api.endpoint);
  if (stack.tables.length > 0 || stack.kmsKeyIds.length > 0)
    throw new Refusal(`${app} has tables or keys, which run only as part of the product's own stack.`);

  const clock = await openClock(directory.clock, async () => undefined);
  const functions = await startFunctions({
    definitions: stack.functions,
    serviceEndpoint: noServices,
    clock: clock.shared,
    directory,
    concurrency,
    report,
  });
  resources.defer(functions.stop);
  api.serve({
    routes: stack.routes,
    invoke: functions.invoke,
    now: () => clock.read().now,
    local: () => undefined,
    onRequest: report,
  });
  return { endpoint: api.endpoint, logFile: directory.functionsLog, stop: () => resources.disposeAsync() };
}
