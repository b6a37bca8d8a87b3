// Shows that `npm run mutate` notices a test that is missing: it says so of a weak check, and not of a strong one.
import { stripTypeScriptTypes } from 'node:module';
import { afterEach, describe, expect, test } from 'vitest';
import { type Mutant, mutated } from '../mutation/mutants.ts';
import { problemsOf, tableOf, type Verdict } from '../mutation/verdicts.ts';

const file = 'shared/sample/limit.ts';
const source = `
export function isOver(now: number, end: number | undefined): boolean {
  return end !== undefined && now >= end;
}
export const condition = '(attribute_not_exists(end) OR end > :now) AND generation = :generation';
export const request = (consistent: boolean) => ({ Key: 1, ...{ ConsistentRead: consistent } });
export function refuse(isOld: boolean): void {
  if (isOld) throw new Error('old');
}
`;
const { mutants, text } = mutated(file, source);

interface Sample {
  readonly isOver: (now: number, end: number | undefined) => boolean;
  readonly condition: string;
  readonly request: (consistent: boolean) => object;
  readonly refuse: (isOld: boolean) => void;
}

/** Loads the sample with one mutant active. */
async function loadWith(active: string, id: string): Promise<Sample> {
  Object.assign(globalThis, { isMutant: (key: string) => key === active });
  const code = `${stripTypeScriptTypes(text)}\n// ${id}`;
  return import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`);
}

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'isMutant');
});

const boundary = mutants.find(({ after }) => after === 'now > end');

async function verdictsOf(check: (sample: Sample) => boolean): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const mutant of mutants.filter(({ before }) => before === 'now >= end')) {
    const passes = check(await loadWith(mutant.key, mutant.key));
    verdicts.push({ mutant, outcome: passes ? 'survived' : 'killed' });
  }
  return verdicts;
}

const weak = ({ isOver }: Sample) => isOver(2, 1) && !isOver(0, 1) && !isOver(0, undefined);
const strong = (sample: Sample) => weak(sample) && sample.isOver(1, 1);

describe('a survivor', () => {
  test('is reported when no check tries the boundary', async () => {
    const problems = problemsOf(await verdictsOf(weak), {}, mutants);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${file}:3 survives: now >= end becomes now > end`);
  });

  test('is killed by a check of the boundary', async () => {
    const verdicts = await verdictsOf(strong);
    expect(problemsOf(verdicts, {}, mutants)).toEqual([]);
    expect(tableOf(verdicts).at(-1)?.split(/\s+/)).toEqual(['all', '2', '2', '0', '0', '0', '0', '100.0', '%']);
  });
});

describe('an explanation', () => {
  const explained = { [boundary?.id ?? '']: 'Nobody can notice.' };

  test('fails the run when a test kills its mutant', async () => {
    const problems = problemsOf(await verdictsOf(strong), explained, mutants);
    expect(problems).toEqual([expect.stringMatching(/^A test notices this change/)]);
  });

  test('fails the run when its mutant is gone', () => {
    const other = mutated(file, source.replace('>=', '>')).mutants;
    expect(problemsOf([], explained, other)).toEqual([expect.stringMatching(/^Nothing has this change any more/)]);
  });

  test('survives reformatting', () => {
    const reformatted = source.replace(
      'end !== undefined && now >= end',
      '(\n end !== undefined &&\n   now   >=  end\n)',
    );
    expect(mutated(file, reformatted).mutants.map(({ id }) => id)).toContain(boundary?.id);
  });
});

describe('the mutants of a source', () => {
  const changes = mutants.map(({ after }: Mutant) => after);

  test('change nothing while none is active', async () => {
    const sample = await loadWith('', 'none');
    expect(strong(sample)).toBe(true);
    expect(sample.condition).toBe('(attribute_not_exists(end) OR end > :now) AND generation = :generation');
    expect(sample.request(true)).toEqual({ Key: 1, ConsistentRead: true });
    expect(() => sample.refuse(true)).toThrow('old');
  });

  test('drop each term of a condition expression, and keep its values in use', () => {
    expect(changes).toContain(
      '"(attribute_not_exists(end) OR end > :now) AND (generation = :generation OR NOT generation = :generation)"',
    );
    expect(changes).toContain(
      '"(attribute_not_exists(end) OR (end > :now OR NOT end > :now)) AND generation = :generation"',
    );
  });

  test('remove a member of a request, and a statement that throws', async () => {
    const keyOf = (start: string) => mutants.find(({ before, after }) => before.startsWith(start) && !after)?.key ?? '';
    const withoutMember = await loadWith(keyOf('ConsistentRead'), 'member');
    expect(withoutMember.request(true)).toEqual({ Key: 1 });
    const withoutStatement = await loadWith(keyOf('throw'), 'statement');
    expect(() => withoutStatement.refuse(true)).not.toThrow();
  });
});

/** Runs a source text with one mutant active, and returns what its function `run` returns. */
async function runMutated(written: string, key: string): Promise<unknown> {
  const text = stripTypeScriptTypes(mutated(file, written).text);
  Object.assign(globalThis, { isMutant: (each: string) => each === key });
  const { run } = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`);
  return run();
}

async function outcomesOf(written: string): Promise<Readonly<Record<string, unknown>>> {
  const outcomes: Record<string, unknown> = { original: await runMutated(written, 'none') };
  for (const { key, before, after } of mutated(file, written).mutants)
    outcomes[`${before} → ${after || 'removed'}`] = await runMutated(written, key);
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

function aMutant(id: string): Mutant {
  return { id, key: id, file: file, line: 7, group: 'condition', before: '<', after: '<=' };
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
    `${file}:7 survives: < becomes <=\n    "survived": "",`,
    `${file}:7 is not reached: < becomes <=\n    "not reached": "",`,
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
  expect(folder.split(/\s{2,}/)).toEqual(['shared/sample', '3', '1', '0', '1', '0', '1', '50.0 %']);
});
