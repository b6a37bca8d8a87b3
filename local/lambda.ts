import { randomUUID } from 'node:crypto';
import { type EnvironmentOptions, ExecutionEnvironment, StartFailure } from './lambda-environment.ts';

export interface FunctionOptions extends EnvironmentOptions {
  /** At most this many invocations at once; the rest wait in line. */
  readonly concurrency: number;
  /** Told once of each reason for which the function does not start. */
  readonly onStartFailure: (functionName: string, reason: string) => void;
}

/**
 * Runs a function as Lambda does: one invocation per execution environment at a time, kept warm for the next one, and more
 * environments only while all are busy.
 */
export class LambdaFunction {
  readonly #options: FunctionOptions;
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #busy = new Set<ExecutionEnvironment>();
  readonly #waiting: (() => void)[] = [];
  readonly #reasons = new Set<string>();

  constructor(options: FunctionOptions) {
    this.#options = options;
  }

  /** Starts one environment ahead of the first invocation. A failure is told, not thrown: the next invocation tries again. */
  async warm(): Promise<void> {
    const environment = await this.#take();
    await environment.start().catch((error: unknown) => this.#tell(error));
    this.#give(environment);
  }

  /** The handler's answer to an event, as parsed JSON. Rejects when the function fails, which API Gateway answers with 500. */
  async invoke(event: unknown): Promise<unknown> {
    const environment = await this.#take();
    try {
      return JSON.parse(await environment.invoke(JSON.stringify(event), randomUUID()));
    } catch (error) {
      this.#tell(error);
      throw error;
    } finally {
      this.#give(environment);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#idle, ...this.#busy].map((environment) => environment.stop()));
  }

  async #take(): Promise<ExecutionEnvironment> {
    while (this.#busy.size >= this.#options.concurrency)
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    let environment = this.#idle.pop();
    while (environment && !environment.alive) environment = this.#idle.pop();
    environment ??= new ExecutionEnvironment(this.#options);
    this.#busy.add(environment);
    return environment;
  }

  #give(environment: ExecutionEnvironment): void {
    this.#busy.delete(environment);
    if (environment.alive) this.#idle.push(environment);
    this.#waiting.shift()?.();
  }

  #tell(error: unknown): void {
    if (!(error instanceof StartFailure) || this.#reasons.has(error.message)) return;
    this.#reasons.add(error.message);
    this.#options.onStartFailure(this.#options.definition.name, error.message);
  }
}
