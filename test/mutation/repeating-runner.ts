/**
 * Repeats each test with one mutant after the other, in the process that has loaded everything already. A repetition costs no more than the
 * test itself. The first attempt has no mutant, and shows which mutants the test reaches. After a failure the test runs without a mutant once
 * more, so a test that is broken by then, or that fails by itself, notices nothing.
 */
import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';
import {
  inject,
  type RunnerTestCase,
  type RunnerTestFile,
  type RunnerTestSuite,
  TestRunner,
  type TestTryOptions,
} from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** The file that receives what is found, or the empty text for a run without repetitions. */
    readonly foundFile: string;
    /** The keys of the mutants to look at. */
    readonly open: readonly string[];
    readonly pass: {
      /** The number of tests of a file with which one mutant is tried at most. */
      readonly tries: number;
      /** The repetitions of one test that notice nothing take so long at most. */
      readonly inVainInMs: number;
    };
  }
}

/** Half of them are without a mutant, after a failure. */
const ATTEMPTS = 400;

type Attempt =
  | { readonly kind: 'first' | 'idle' }
  | { readonly kind: 'mutant'; readonly key: string }
  | { readonly kind: 'again'; readonly key: string; readonly error: string };

const tried = new Map<string, number>();
const killed = new Set<string>();

function firstLineOf(test: RunnerTestCase): string {
  return test.result?.errors?.at(-1)?.message?.split('\n')[0] ?? 'no error';
}

function oneByOne(suite: RunnerTestSuite): void {
  for (const task of suite.tasks) {
    Object.assign(task, { concurrent: false });
    if (task.type === 'suite') oneByOne(task);
  }
}

function nameOf(test: RunnerTestCase): string {
  return test.suite ? `${test.suite.name} > ${test.name}` : test.name;
}

// biome-ignore lint/style/noDefaultExport: Vitest loads it by its default export.
export default class RepeatingRunner extends TestRunner {
  readonly #foundFile = inject('foundFile');
  readonly #open = new Set(inject('open'));
  #attempt: Attempt = { kind: 'first' };
  #left: string[] = [];
  #inVainInMs = 0;
  #startedAt = 0;

  onCollected(files: readonly RunnerTestFile[]): void {
    tried.clear();
    // Tests that run at the same time would share their mutant.
    if (this.#foundFile) for (const file of files) oneByOne(file);
  }

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    await super.onBeforeRunTask(test);
    this.#attempt = { kind: 'first' };
    this.#inVainInMs = 0;
    // Without repetitions, active.ts collects what all tests of the file reach.
    if (!this.#foundFile || test.type !== 'test') return;
    Object.assign(test, { repeats: ATTEMPTS });
    globalThis.reachedMutants.clear();
  }

  override onBeforeTryTask(test: RunnerTestCase, options: TestTryOptions): void {
    super.onBeforeTryTask(test, options);
    // Vitest sends all of them to its main process after each attempt.
    if (test.result) Object.assign(test.result, { errors: undefined, attempts: [] });
    this.#startedAt = performance.now();
    globalThis.activeMutant = this.#attempt.kind === 'mutant' ? this.#attempt.key : inject('mutant');
  }

  async runTask(test: RunnerTestCase): Promise<void> {
    if (this.#attempt.kind === 'idle') return;
    await TestRunner.getTestFn(test)();
  }

  override async onAfterRetryTask(test: RunnerTestCase, options: TestTryOptions): Promise<void> {
    await super.onAfterRetryTask(test, options);
    if (!this.#foundFile) return;
    const hasFailed = test.result?.state === 'fail';
    globalThis.isSuspect = hasFailed;
    globalThis.activeMutant = '';
    this.#attempt = this.#next(test, hasFailed);
  }

  #next(test: RunnerTestCase, hasFailed: boolean): Attempt {
    const attempt = this.#attempt;
    switch (attempt.kind) {
      case 'idle':
        return attempt;
      case 'first':
        if (hasFailed) return { kind: 'idle' };
        this.#left = [...globalThis.reachedMutants]
          .filter((key) => this.#isOpen(key))
          .sort((one, other) => (tried.get(one) ?? 0) - (tried.get(other) ?? 0));
        break;
      case 'again':
        // The test is no longer what it was, so it says nothing about the other mutants either.
        if (hasFailed) return { kind: 'idle' };
        this.#write(test, attempt);
        break;
      case 'mutant':
        tried.set(attempt.key, (tried.get(attempt.key) ?? 0) + 1);
        if (hasFailed) return { kind: 'again', key: attempt.key, error: firstLineOf(test) };
        this.#inVainInMs += performance.now() - this.#startedAt;
        break;
    }
    const key = this.#inVainInMs < inject('pass').inVainInMs ? this.#left.shift() : undefined;
    return key === undefined ? { kind: 'idle' } : { kind: 'mutant', key };
  }

  #isOpen(key: string): boolean {
    return this.#open.has(key) && !killed.has(key) && (tried.get(key) ?? 0) < inject('pass').tries;
  }

  #write(test: RunnerTestCase, { key, error }: { readonly key: string; readonly error: string }): void {
    // A time-out can be the fault of a busy machine.
    if (/timed? ?out/i.test(error)) return;
    killed.add(key);
    const file = relative(process.cwd(), test.file.filepath);
    appendFileSync(this.#foundFile, `${JSON.stringify({ key, file, test: nameOf(test), error })}\n`);
  }
}
