import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { accountId, region } from '../account.ts';
import type { EnvironmentData, Invocation, WorkerMessage } from './worker-messages.ts';

/**
 * The time that Lambda allows for the code outside the handler. A function that needs longer is started once more, within its own time-out
 * (AWS: "Init phase"). Here it goes on starting for as long as both together.
 */
const INIT_IN_MS = 10_000;

export interface FunctionDefinition {
  readonly name: string;
  /** The folder of the unpacked bundle. */
  readonly directory: string;
  /** The file without its extension, a dot, and the export: `index.handler`. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** The function does not start: its bundle threw, or it refuses its environment variables. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}

export interface EnvironmentOptions {
  readonly definition: FunctionDefinition;
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: SharedArrayBuffer;
  readonly log: (text: string) => void;
}

function contextOf({ name, memoryMegabytes }: FunctionDefinition) {
  return {
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${region}:${accountId}:function:${name}`,
    memoryLimitInMB: String(memoryMegabytes),
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
  };
}

/** One worker thread that runs one invocation of a function at a time. A terminated environment is never reused. */
export class ExecutionEnvironment {
  readonly #worker: Worker;
  readonly #timeoutMs: number;
  readonly #log: (text: string) => void;
  readonly #started = Promise.withResolvers<void>();
  #pending: PromiseWithResolvers<string> | undefined;
  #alive = true;

  constructor({ definition, environment, clock, log }: EnvironmentOptions) {
    const { directory, handler, memoryMegabytes, timeoutSeconds } = definition;
    const workerData: EnvironmentData = { directory, handler, clock, context: contextOf(definition) };
    this.#timeoutMs = timeoutSeconds * 1000;
    this.#log = log;
    this.#started.promise.catch(() => undefined);
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData,
      env: { ...environment },
      // The runner's own options do not apply; the function's NODE_OPTIONS are in its environment.
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes },
    });
    for (const output of [this.#worker.stdout, this.#worker.stderr])
      output.on('data', (chunk: Buffer) => log(chunk.toString()));
    this.#worker.on('message', (message: WorkerMessage) => this.#receive(message));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('The function has ended its process.')));
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Resolves once the bundle is loaded. @throws StartFailure when it does not load in time */
  async start(): Promise<void> {
    const milliseconds = INIT_IN_MS + this.#timeoutMs;
    const late = () => new StartFailure(`The function does not start within ${milliseconds / 1000} s.`);
    await this.#within(milliseconds, this.#started.promise, late);
  }

  /** Returns the handler's result as JSON. Rejects when it throws, ends its process, or exceeds its timeout. */
  async invoke(event: string, requestId: string): Promise<string> {
    await this.start();
    this.#pending = Promise.withResolvers<string>();
    this.#worker.postMessage({ event, requestId, remainingMs: this.#timeoutMs } satisfies Invocation);
    const late = () => new Error(`${requestId} Task timed out after ${(this.#timeoutMs / 1000).toFixed(2)} seconds`);
    try {
      return await this.#within(this.#timeoutMs, this.#pending.promise, late);
    } catch (error) {
      this.#log(`ERROR ${requestId} ${error instanceof Error ? error.message : String(error)}\n`);
      throw error;
    } finally {
      this.#pending = undefined;
    }
  }

  async stop(): Promise<void> {
    this.#alive = false;
    await this.#worker.terminate();
  }

  async #within<T>(milliseconds: number, work: Promise<T>, late: () => Error): Promise<T> {
    const timer = new AbortController();
    const timeout = sleep(milliseconds, undefined, { signal: timer.signal }).then(() => {
      void this.stop();
      throw late();
    });
    timeout.catch(() => undefined);
    try {
      return await Promise.race([work, timeout]);
    } finally {
      timer.abort();
    }
  }

  #receive(message: WorkerMessage): void {
    switch (message.kind) {
      case 'ready':
        this.#started.resolve();
        break;
      case 'failed':
        this.#fail(new StartFailure(message.error));
        void this.stop();
        break;
      case 'result':
        this.#pending?.resolve(message.json);
        break;
      case 'error':
        this.#pending?.reject(new Error(message.error));
        break;
    }
  }

  #fail(error: unknown): void {
    this.#alive = false;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#started.reject(error instanceof StartFailure ? error : new StartFailure(message));
    this.#pending?.reject(error);
  }
}
