import { randomUUID } from 'node:crypto';
import { type EnvironmentOptions, ExecutionEnvironment, StartFailure } from './environment.ts';

export interface FunctionOptions extends EnvironmentOptions {
  /** The highest number of invocations at the same time; others wait in a queue. */
  readonly concurrency: number;
  /** Called once for each reason why the function does not start. */
  readonly onStartFailure: (functionName: string, reason: string) => void;
}

/**
 * Runs a function as Lambda does: each execution environment runs one invocation at a time and stays warm for the next one, and
 * another environment starts only while all are busy.
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

  /** Starts one environment before the first invocation. A failure is reported, not thrown; the next invocation tries again. */
  async warm(): Promise<void> {
    const environment = await this.#acquire();
    await environment.start().catch((error: unknown) => this.#report(error));
    this.#release(environment);
  }

  /** Returns the handler's result, parsed. Rejects when the function fails, which API Gateway answers with 500. */
  async invoke(event: unknown): Promise<unknown> {
    const environment = await this.#acquire();
    try {
      return JSON.parse(await environment.invoke(JSON.stringify(event), randomUUID()));
    } catch (error) {
      this.#report(error);
      throw error;
    } finally {
      this.#release(environment);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#idle, ...this.#busy].map((environment) => environment.stop()));
  }

  async #acquire(): Promise<ExecutionEnvironment> {
    while (this.#busy.size >= this.#options.concurrency)
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    let environment = this.#idle.pop();
    while (environment && !environment.alive) environment = this.#idle.pop();
    environment ??= new ExecutionEnvironment(this.#options);
    this.#busy.add(environment);
    return environment;
  }

  #release(environment: ExecutionEnvironment): void {
    this.#busy.delete(environment);
    if (environment.alive) this.#idle.push(environment);
    this.#waiting.shift()?.();
  }

  #report(error: unknown): void {
    if (!(error instanceof StartFailure) || this.#reasons.has(error.message)) return;
    this.#reasons.add(error.message);
    this.#options.onStartFailure(this.#options.definition.name, error.message);
  }
}
