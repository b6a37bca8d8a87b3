// The parts of `npm run mutate`: the small changes of a source text, and the outcome of a run.
import { stripTypeScriptTypes } from 'node:module';
import { expect, onTestFinished, test } from 'vitest';
import { type Mutant, mutated } from '../mutation/mutants.ts';
import { problemsOf, tableOf } from '../mutation/verdicts.ts';

const FILE = 'shared/sessions/example.ts';

/** Runs a source text with one mutant active, and returns what its function `run` returns. */
async function runMutated(source: string, key: string): Promise<unknown> {
  const text = stripTypeScriptTypes(mutated(FILE, source).text);
  Object.assign(globalThis, { isMutant: (each: string) => each === key });
  onTestFinished(() => {
    Reflect.deleteProperty(globalThis, 'isMutant');
  });
  const { run } = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`);
  return run();
}

async function outcomesOf(source: string): Promise<Readonly<Record<string, unknown>>> {
  const outcomes: Record<string, unknown> = { original: await runMutated(source, 'none') };
  for (const { key, before, after } of mutated(FILE, source).mutants)
    outcomes[`${before} → ${after || 'removed'}`] = await runMutated(source, key);
  return outcomes;
}

test('a comparison is changed to each neighbour of it', async () => {
  const source = 'const now: number = 5;\nexport const run = (): boolean => now < 5;\n';

  expect(await outcomesOf(source)).toEqual({
    original: false,
    '5 → 5 + 1': true,
    'now < 5 → now <= 5': true,
    'now < 5 → now > 5': false,
  });
});

test('an if is turned around, an awaited call and a refusal are left out', async () => {
  const source = [
    'const refuse = () => { throw new Error("refused"); };',
    'export async function run(): Promise<string> {',
    '  let state = "old";',
    '  await Promise.resolve().then(() => { state = "new"; });',
    '  if (isRight()) return state;',
    '  return "wrong";',
    '}',
    'const isRight = () => true;',
  ].join('\n');

  expect(await outcomesOf(source)).toEqual({
    original: 'new',
    'throw new Error("refused"); → removed': 'new',
    'await Promise.resolve().then(() => { state = "new"; }); → removed': 'old',
    'isRight() → !(isRight())': 'wrong',
    'true → false': 'wrong',
    '"refused" → \'mutated\'': 'new',
    '"old" → \'mutated\'': 'new',
    '"new" → \'mutated\'': 'mutated',
    '"wrong" → \'mutated\'': 'new',
  });
});

test('each term of a condition of DynamoDB is made to hold always, and each comparison is changed', async () => {
  const source = "export const run = () => 'attribute_exists(id) AND expire_at > :now';";

  const { original: _original, ...changed } = await outcomesOf(source);

  expect(Object.values(changed)).toEqual([
    '(attribute_exists(id) OR NOT attribute_exists(id)) AND expire_at > :now',
    'attribute_exists(id) AND (expire_at > :now OR NOT expire_at > :now)',
    'attribute_not_exists(id) AND expire_at > :now',
    'attribute_exists(id) AND expire_at >= :now',
  ]);
});

test('a consistent read is left out', async () => {
  const source = 'export const run = () => ({ Key: 1, ConsistentRead: true });';

  expect(await outcomesOf(source)).toMatchObject({ 'ConsistentRead: true → removed': { Key: 1 } });
});

function aMutant(id: string): Mutant {
  return { id, key: id, file: FILE, line: 7, group: 'condition', before: '<', after: '<=' };
}

const [killed, survived, notReached, explained] = ['killed', 'survived', 'not reached', 'explained'].map(aMutant);
if (!killed || !survived || !notReached || !explained) throw new Error('There are four mutants.');

test('a run fails by a survivor, by a mutant that no test reaches, and by an explanation that explains nothing', () => {
  const explanations = { explained: 'Both are the same.', killed: 'A test notices it.', gone: 'The code is gone.' };
  const verdicts = [
    { mutant: killed, outcome: 'killed' },
    { mutant: survived, outcome: 'survived' },
    { mutant: notReached, outcome: 'not reached' },
    { mutant: explained, outcome: 'explained' },
  ] as const;

  expect(problemsOf(verdicts, explanations, [killed, survived, notReached, explained])).toEqual([
    `${FILE}:7 survived: < becomes <=\n    "survived": "",`,
    `${FILE}:7 not reached: < becomes <=\n    "not reached": "",`,
    'A test notices this change, so delete its explanation: killed',
    'Nothing has this change any more, so delete its explanation: gone',
  ]);
  expect(problemsOf([{ mutant: killed, outcome: 'killed' }], {}, [killed])).toEqual([]);
});

test('the score counts what is killed or explained among what has run', () => {
  const verdicts = [
    { mutant: killed, outcome: 'killed' },
    { mutant: survived, outcome: 'survived' },
    { mutant: notReached, outcome: 'not run' },
  ] as const;

  const [head = '', folder = ''] = tableOf(verdicts);

  expect(head.split(/\s{2,}/)).toEqual([
    'folder',
    'mutants',
    'killed',
    'explained',
    'survived',
    'not reached',
    'not run',
    'score',
  ]);
  expect(folder.split(/\s{2,}/)).toEqual(['shared/sessions', '3', '1', '0', '1', '0', '1', '50.0 %']);
});
