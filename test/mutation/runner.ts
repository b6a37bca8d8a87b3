// One warm Vitest with one running stack, which runs test files with one mutant active.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { createVitest, type TestSpecification, type Vitest } from 'vitest/node';

const root = fileURLToPath(new URL('../..', import.meta.url));
const reachedSchema = v.object({ loaded: v.array(v.string()), reached: v.array(v.string()) });

/** A run of one mutant that takes longer has hung, for example in an endless loop. */
const LONGEST_RUN_IN_MS = 240_000;

/** A test file that passes without a mutant, and the mutants that it reaches. */
export interface TestFile extends v.InferOutput<typeof reachedSchema> {
  readonly file: string;
  readonly ms: number;
}

/** Returns a hash of texts, to notice later that one of them has changed. */
export function hashOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** Runs test files with and without a mutant. */
export interface Runner {
  readonly testFiles: readonly string[];
  /** Runs test files without a mutant. Returns those that pass. */
  readonly reach: (files: readonly string[], dir: string) => Promise<readonly TestFile[]>;
  /** Returns the test file that notices the mutant, `time` for a run that hangs, or undefined when no file notices. */
  readonly killerOf: (mutantKey: string, files: readonly string[]) => Promise<string | undefined>;
  readonly close: () => Promise<void>;
}

/** Resolves with `time` when the run lasts too long. */
async function withinTime<Result>(run: Promise<Result>): Promise<Result | 'time'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'time'>((resolve) => {
    timer = setTimeout(() => resolve('time'), LONGEST_RUN_IN_MS);
  });
  return Promise.race([run, late]).finally(() => clearTimeout(timer));
}

function start(): Promise<Vitest> {
  return createVitest('test', {
    config: join(root, 'test/mutation/vitest.config.ts'),
    watch: false,
    silent: true,
    reporters: [{}],
  });
}

/** Starts Vitest. The stack starts with the first run that needs it. */
export async function startRunner(): Promise<Runner> {
  let vitest = await start();
  const specifications = await vitest.globTestSpecifications();
  const fileOf = ({ moduleId }: TestSpecification) => relative(root, moduleId);

  const run = async (files: readonly string[], provided: { mutant: string; reachedDir: string; bail: number }) => {
    vitest.provide('mutant', provided.mutant);
    vitest.provide('reachedDir', provided.reachedDir);
    vitest.config.bail = provided.bail;
    for (const project of vitest.projects) project.config.bail = provided.bail;
    // Failures of earlier runs would otherwise count for `bail`, and be in the result.
    vitest.state.filesMap.clear();
    vitest.state.idMap.clear();
    const byFile = new Map((await vitest.globTestSpecifications()).map((each) => [fileOf(each), each]));
    return vitest.runTestSpecifications(files.flatMap((file) => byFile.get(file) ?? []));
  };

  return {
    testFiles: specifications.map(fileOf),
    async reach(files, dir) {
      const { testModules } = await run(files, { mutant: '', reachedDir: dir, bail: 0 });
      return testModules.flatMap((module) => {
        const written = join(dir, `${encodeURIComponent(module.moduleId)}.json`);
        if (module.state() !== 'passed' || !existsSync(written)) return [];
        const reached = v.parse(reachedSchema, JSON.parse(readFileSync(written, 'utf8')));
        return [{ file: relative(root, module.moduleId), ms: Math.round(module.diagnostic().duration), ...reached }];
      });
    },
    async killerOf(mutantKey, files) {
      const result = await withinTime(run(files, { mutant: mutantKey, reachedDir: '', bail: 1 }));
      if (result === 'time') {
        await vitest.close();
        vitest = await start();
        return 'time';
      }
      const failed = result.testModules.find((module) => module.state() === 'failed');
      if (failed) return relative(root, failed.moduleId);
      return result.unhandledErrors.length > 0 ? 'an error outside of tests' : undefined;
    },
    close: () => vitest.close(),
  };
}
