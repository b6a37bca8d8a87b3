// One warm Vitest with one running stack, which runs test files with one mutant active.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { ProvidedContext } from 'vitest';
import { createVitest, type TestModule, type TestRunResult, type TestSpecification, type Vitest } from 'vitest/node';

const root = fileURLToPath(new URL('../..', import.meta.url));
const foundSchema = v.object({ key: v.string(), file: v.string(), test: v.string(), error: v.string() });
const reachedSchema = v.object({ loaded: v.array(v.string()), reached: v.array(v.string()) });

/** A run of one mutant that takes longer has hung, for example in an endless loop. */
const LONGEST_RUN_IN_MS = 1_800_000;

const MUTANTS_OF_A_STACK = 60;
const TRUSTED_FOR = 10;

/** A test file that passes without a mutant, and the mutants that it reaches. */
export interface TestFile extends v.InferOutput<typeof reachedSchema> {
  readonly file: string;
  readonly ms: number;
  /** The files of shared/ that it loads, with those that they load. */
  readonly imports: string[];
}

/** Returns a hash of texts, to notice later that one of them has changed. */
export function hashOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** The first test that fails with a mutant. */
export interface Kill {
  readonly file: string;
  readonly test: string;
  /** The first line of its error. */
  readonly error: string;
}

/** A failure, as one run has it. A busy machine can cause some of them without any mutant. */
interface Failure extends Kill {
  readonly isDoubtful: boolean;
}

/** Runs test files with and without a mutant. */
export interface Runner {
  readonly testFiles: readonly string[];
  /** Runs test files without a mutant. Returns those that pass. */
  readonly reach: (files: readonly string[], dir: string) => Promise<readonly TestFile[]>;
  /**
   * Returns the first test that notices the mutant; undefined when none does. A time-out, a failure outside of a test and a run that hangs count
   * only when the file fails once more with the mutant. A file that does not pass without a mutant notices nothing, which is looked at again
   * after every ten mutants.
   */
  readonly killOf: (mutantKey: string, files: readonly string[]) => Promise<Kill | undefined>;
  /** Repeats the tests of these files with these mutants, one after the other. Returns what was noticed, by the key of the mutant. */
  readonly repeat: (
    files: readonly string[],
    open: readonly string[],
    pass: ProvidedContext['pass'],
  ) => Promise<ReadonlyMap<string, Kill>>;
  readonly close: () => Promise<void>;
}

/** Returns the files of shared/ that a test file loads. */
function importsOf({ moduleId, project }: TestModule): string[] {
  const { moduleGraph } = project.vite.environments.ssr;
  const seen = new Set([moduleGraph.getModuleById(moduleId)]);
  // A set grows while it is walked through.
  for (const module of seen) for (const imported of module?.importedModules ?? []) seen.add(imported);
  const files = [...seen].flatMap((module) => (module?.file ? [relative(root, module.file)] : []));
  return files.filter((file) => file.startsWith('shared/'));
}

/** Resolves with undefined when the run lasts too long. */
async function withinTime<Result>(run: Promise<Result>): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), LONGEST_RUN_IN_MS);
  });
  return Promise.race([run, late]).finally(() => clearTimeout(timer));
}

const firstLineOf = (error: { readonly message: string } | undefined) => error?.message.split('\n')[0] ?? 'no error';

/** The first failure of a run; undefined when all its tests have passed. */
function failureIn({ testModules, unhandledErrors }: TestRunResult): Failure | undefined {
  const module = testModules.find((each) => each.state() === 'failed');
  if (!module) {
    const file = testModules.length > 0 ? relative(root, testModules[0]?.moduleId ?? '') : '';
    const error = firstLineOf(unhandledErrors[0] as Error | undefined);
    return unhandledErrors.length > 0 ? { file, test: 'outside of the tests', error, isDoubtful: true } : undefined;
  }
  const file = relative(root, module.moduleId);
  const [failed] = module.children.allTests('failed');
  const error = firstLineOf(failed ? failed.result().errors?.[0] : module.errors()[0]);
  return { file, test: failed?.fullName ?? 'the file', error, isDoubtful: !failed || /timed? ?out/i.test(error) };
}

/** The test file that has started last. */
interface Started {
  file: string;
}

function start(started: Started): Promise<Vitest> {
  return createVitest('test', {
    config: join(root, 'test/mutation/vitest.config.ts'),
    watch: false,
    silent: true,
    reporters: [
      {
        onTestModuleStart({ moduleId }) {
          started.file = relative(root, moduleId);
        },
      },
    ],
  });
}

const NOTHING: Pick<ProvidedContext, 'mutant' | 'reachedDir' | 'foundFile' | 'open' | 'pass'> = {
  mutant: '',
  reachedDir: '',
  foundFile: '',
  open: [],
  pass: { tries: 0, inVainInMs: 0 },
};

interface RunOptions extends Partial<typeof NOTHING> {
  readonly bail?: number;
}

/** Starts Vitest. The stack starts with the first run that needs it. */
export async function startRunner(): Promise<Runner> {
  const started: Started = { file: '' };
  let vitest = await start(started);
  const specifications = await vitest.globTestSpecifications();
  const fileOf = ({ moduleId }: TestSpecification) => relative(root, moduleId);

  const run = async (files: readonly string[], { bail = 0, ...provided }: RunOptions) => {
    const { mutant, reachedDir, foundFile, open, pass } = { ...NOTHING, ...provided };
    vitest.provide('mutant', mutant);
    vitest.provide('reachedDir', reachedDir);
    vitest.provide('foundFile', foundFile);
    vitest.provide('open', open);
    vitest.provide('pass', pass);
    vitest.config.bail = bail;
    for (const project of vitest.projects) project.config.bail = bail;
    // Failures of earlier runs would otherwise count for `bail`, and be in the result.
    vitest.state.filesMap.clear();
    vitest.state.idMap.clear();
    const byFile = new Map((await vitest.globTestSpecifications()).map((each) => [fileOf(each), each]));
    return vitest.runTestSpecifications(files.flatMap((file) => byFile.get(file) ?? []));
  };

  const failureOf = async (mutantKey: string, files: readonly string[]): Promise<Failure | undefined> => {
    const result = await withinTime(run(files, { mutant: mutantKey, bail: 1 }));
    if (result) return failureIn(result);
    await vitest.close();
    vitest = await start(started);
    return { file: started.file, test: 'the file', error: 'It does not end.', isDoubtful: true };
  };

  /** The kills of each file since it was last seen to pass. */
  const trusted = new Map<string, number>();
  const isSound = async (file: string): Promise<boolean> => {
    const kills = (trusted.get(file) ?? TRUSTED_FOR) + 1;
    const isDue = kills > TRUSTED_FOR;
    const failure = isDue ? await failureOf('', [file]) : undefined;
    if (failure) console.log(`${file} fails without a mutant: ${failure.error}`);
    else trusted.set(file, isDue ? 0 : kills);
    return failure === undefined;
  };

  let runs = 0;
  /** Starts a new stack now and then: the embedded engine writes more slowly with each record in a stream. */
  const renew = async (): Promise<void> => {
    runs += 1;
    if (runs % MUTANTS_OF_A_STACK !== 0) return;
    await vitest.close();
    vitest = await start(started);
  };

  return {
    testFiles: specifications.map(fileOf),
    async reach(files, dir) {
      const { testModules } = await run(files, { reachedDir: dir });
      return testModules.flatMap((module) => {
        const written = join(dir, `${encodeURIComponent(module.moduleId)}.json`);
        if (module.state() !== 'passed' || !existsSync(written)) return [];
        const reached = v.parse(reachedSchema, JSON.parse(readFileSync(written, 'utf8')));
        const ms = Math.round(module.diagnostic().duration);
        return [{ file: relative(root, module.moduleId), ms, imports: importsOf(module), ...reached }];
      });
    },
    async killOf(mutantKey, files) {
      await renew();
      for (let left = files; left.length > 0; ) {
        const failure = await failureOf(mutantKey, left);
        if (!failure) return undefined;
        const { file, isDoubtful } = failure;
        const isRepeated = !isDoubtful || (await failureOf(mutantKey, [file])) !== undefined;
        if (isRepeated && (await isSound(file))) return failure;
        left = left.slice(left.indexOf(file) + 1);
      }
      return undefined;
    },
    async repeat(files, open, pass) {
      const foundFile = join(mkdtempSync(join(tmpdir(), 'mutants-')), 'found.jsonl');
      writeFileSync(foundFile, '');
      const ended = await withinTime(run(files, { foundFile, open, pass }));
      if (!ended) {
        await vitest.close();
        vitest = await start(started);
      }
      const lines = readFileSync(foundFile, 'utf8').trim().split('\n').filter(Boolean);
      const found = lines.map((line) => v.parse(foundSchema, JSON.parse(line)));
      return new Map(found.map(({ key, ...kill }) => [key, kill]));
    },
    close: () => vitest.close(),
  };
}
