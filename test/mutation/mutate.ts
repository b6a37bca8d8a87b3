// `npm run mutate`: changes shared/ in small ways, one at a time, and looks for a test that notices each change.
//
//   --only PATH       mutants of the files whose paths start so; can be repeated
//   --tests PATH      only the tests whose paths start so; can be repeated. A later run tries the other tests on what survives
//   --conditions      only conditions and calculations with numbers
//   --minutes NUMBER  stops after so long; the next run goes on from there
//
// Results are kept in reports/mutation. A kill holds while the mutated file and the test file that noticed the change stay as they
// are. Everything else holds while all of shared/, functions/ and test/ does.
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { type Mutant, mutated } from './mutants.ts';
import { hashOf, type Kill, startRunner, type TestFile } from './runner.ts';
import { problemsOf, tableOf, type Verdict } from './verdicts.ts';

const REPORTS = 'reports/mutation';
const FOLDERS = [
  'sign-ins',
  'sessions',
  'actor-tokens',
  'clients',
  'signing',
  'storage',
  'authority',
  'blocklist',
  'secret-keys',
  'operators',
  'users',
  'http',
];
/** One process repeats the tests of so many files. */
const FILES_OF_A_RUN = 3;

/** Most mutants are noticed soon. Those that are left after the first pass are tried with every test. */
const PASSES = [
  { tries: 20, inVainInMs: 1500 },
  { tries: 10_000, inVainInMs: 30_000 },
] as const;

/** The tests that are run for one mutant by themselves take so long at most. */
const MOST_IN_MS = 20_000;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    tests: { type: 'string', multiple: true, default: ['test/'] },
    conditions: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '100000' },
  },
});

const testFileSchema = v.object({
  hash: v.string(),
  file: v.string(),
  ms: v.number(),
  imports: v.array(v.string()),
  loaded: v.array(v.string()),
  reached: v.array(v.string()),
});
const reachedSchema = v.record(v.string(), testFileSchema);
const killSchema = v.object({ file: v.string(), test: v.string(), error: v.string() });
const resultsSchema = v.record(v.string(), v.object({ hash: v.string(), kill: v.optional(killSchema) }));

function read<Schema extends v.GenericSchema>(schema: Schema, file: string): v.InferOutput<Schema> {
  return v.parse(schema, existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
}

function write(name: string, content: unknown): void {
  mkdirSync(REPORTS, { recursive: true });
  writeFileSync(join(REPORTS, name), JSON.stringify(content, undefined, 1));
}

const sources = new Map(globSync('shared/**/*.ts').map((file) => [file, readFileSync(file, 'utf8')]));
const sourcesHash = hashOf([...sources].flat());
const mutants = FOLDERS.flatMap((folder) =>
  [...sources]
    .filter(([file]) => file.startsWith(`shared/${folder}/`))
    .flatMap(([file, source]) => mutated(file, source).mutants),
);
const chosen = mutants.filter(
  ({ file, group }) =>
    (options.only.length === 0 || options.only.some((path) => file.startsWith(path))) &&
    (!options.conditions || group !== 'rest'),
);
const runner = await startRunner();
const until = Date.now() + Number(options.minutes) * 60_000;

/** Returns the test files with the mutants that each reaches. Only those are run that changed since the last time. */
async function reachOf(files: readonly string[]): Promise<readonly TestFile[]> {
  const known = read(reachedSchema, join(REPORTS, 'reached.json'));
  const hashes = new Map(files.map((file) => [file, hashOf([sourcesHash, readFileSync(file, 'utf8')])]));
  const changed = files.filter((file) => known[file]?.hash !== hashes.get(file));
  for (let at = 0; at < changed.length && Date.now() < until; at += 10) {
    const batch = changed.slice(at, at + 10);
    console.log(`Which mutants do the tests reach? ${at} of ${changed.length} files are done.`);
    const passed = await runner.reach(batch, join(REPORTS, 'reached'));
    for (const found of passed) known[found.file] = { ...found, hash: hashes.get(found.file) ?? '' };
    for (const file of batch)
      if (!passed.some((found) => found.file === file))
        console.log(`${file} fails without a mutant, or tests nothing.`);
    write('reached.json', known);
  }
  return files.flatMap((file) => {
    const found = known[file];
    return found && found.hash === hashes.get(file) ? [found] : [];
  });
}

const tests = await reachOf(runner.testFiles.filter((file) => options.tests.some((path) => file.startsWith(path))));
const reaches = tests.map((test) => ({ ...test, keys: new Set(test.reached) }));
const reachedByTests = new Set(tests.flatMap((test) => test.reached));
/** The mutants that are reached while a module is loaded, which can be noticed only when it is loaded with them. */
const loaded = new Set(tests.flatMap((test) => test.loaded));

/** Returns the test files that reach a mutant. One that is reached when its module is loaded concerns all files that load the module. */
function testsOf({ key, file }: Mutant): readonly TestFile[] {
  return reaches.filter(({ keys, imports }) => keys.has(key) || (loaded.has(key) && imports.includes(file)));
}

const results = read(resultsSchema, join(REPORTS, 'results.json'));
const kills = new Map<string, number>();
const killsOf = (source: string, test: string) => kills.get(`${source} ${test}`) ?? 0;

function countKill(source: string, killer: string): void {
  kills.set(`${source} ${killer}`, killsOf(source, killer) + 1);
}

for (const { key, file } of mutants) {
  const kill = results[key]?.kill;
  if (kill) countKill(file, kill.file);
}

/**
 * Returns the most promising of the test files that reach a mutant: quick ones that reach little else, and those that have noticed other
 * mutants of the same source.
 */
function orderedTestsOf(mutant: Mutant): readonly string[] {
  const costOf = ({ file, ms, reached }: TestFile) => (ms * reached.length) / (1 + 20 * killsOf(mutant.file, file));
  const tests = testsOf(mutant).toSorted((one, other) => costOf(one) - costOf(other));
  let left = MOST_IN_MS;
  const chosenTests = tests.filter(({ ms }) => {
    left -= ms;
    return left + ms > 0;
  });
  return chosenTests.map(({ file }) => file);
}

const allHash = hashOf(
  globSync('{shared,functions,test}/**/*.ts').flatMap((file) => [file, readFileSync(file, 'utf8')]),
);

function hashOfResult({ id, file }: Mutant, kill: Kill | undefined): string {
  if (!kill || !existsSync(kill.file)) return allHash;
  return hashOf([id, sources.get(file) ?? '', readFileSync(kill.file, 'utf8')]);
}

/** Returns what an earlier run found for a mutant, if it still holds. */
function resultOf(mutant: Mutant): { readonly kill?: Kill | undefined } | undefined {
  const result = results[mutant.key];
  return result?.hash === hashOfResult(mutant, result?.kill) ? result : undefined;
}

function keep(mutant: Mutant, kill: Kill | undefined): void {
  results[mutant.key] = { hash: hashOfResult(mutant, kill), ...(kill && { kill }) };
}

const isOpen = (mutant: Mutant) => !resultOf(mutant);
const known = chosen.filter((mutant) => !isOpen(mutant)).length;
console.log(`${chosen.length} mutants, of which ${known} are known from earlier runs.`);

/**
 * Repeats the tests of each file with the mutants that they reach, until no file is left that reaches an open one. The files come first that
 * reach many of them in a short time.
 */
async function repeatTests(pass: (typeof PASSES)[number]): Promise<void> {
  const startedAt = Date.now();
  const left = new Set(reaches);
  while (Date.now() < until) {
    const open = chosen.filter((mutant) => isOpen(mutant) && reachedByTests.has(mutant.key));
    const worthOf = ({ keys, ms }: (typeof reaches)[number]) => open.filter(({ key }) => keys.has(key)).length / ms;
    const useful = [...left]
      .filter((test) => worthOf(test) > 0)
      .toSorted((one, other) => worthOf(other) - worthOf(one));
    if (useful.length === 0) return;
    const minutes = Math.round((Date.now() - startedAt) / 60_000);
    console.log(`${minutes} min: ${open.length} mutants are left, and ${useful.length} files that reach them.`);
    const batch = useful.slice(0, FILES_OF_A_RUN);
    const found = await runner.repeat(
      batch.map(({ file }) => file),
      open.map(({ key }) => key),
      pass,
    );
    for (const mutant of open) {
      const kill = found.get(mutant.key);
      if (kill) keep(mutant, kill);
    }
    for (const test of batch) left.delete(test);
    write('results.json', results);
  }
}

/** Runs test files with a mutant that is reached while a module is loaded. */
async function runApart(mutant: Mutant): Promise<void> {
  const kill = await runner.killOf(mutant.key, orderedTestsOf(mutant));
  if (kill) countKill(mutant.file, kill.file);
  keep(mutant, kill);
  write('results.json', results);
  console.log(`${kill ? `killed by ${kill.file}` : 'SURVIVED'}  ${mutant.file}:${mutant.line}`);
}

for (const pass of PASSES) await repeatTests(pass);
for (const mutant of chosen.filter((each) => isOpen(each) && loaded.has(each.key)))
  if (Date.now() < until) await runApart(mutant);
if (Date.now() < until) for (const mutant of chosen.filter(isOpen)) keep(mutant, undefined);
write('results.json', results);
await runner.close();

const explained = v.parse(
  v.record(v.string(), v.string()),
  JSON.parse(readFileSync('test/mutation/explained.json', 'utf8')),
);
const verdicts = chosen.map((mutant): Verdict => {
  const result = resultOf(mutant);
  if (!result) return { mutant, outcome: 'not run' };
  if (result.kill) return { mutant, outcome: 'killed' };
  if (explained[mutant.id]) return { mutant, outcome: 'explained' };
  return { mutant, outcome: testsOf(mutant).length > 0 ? 'survived' : 'not reached' };
});
const problems = problemsOf(verdicts, explained, mutants);
const report = [...tableOf(verdicts), '', ...problems].join('\n');
writeFileSync(join(REPORTS, 'report.txt'), `${new Date().toISOString()}\n${report}\n`);
console.log(report);
process.exit(problems.length === 0 ? 0 : 1);
