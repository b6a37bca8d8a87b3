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
    expect(tableOf(verdicts).at(-1)?.split(/\s+/)).toEqual(['all', '2', '2', '0', '0', '0', '100.0', '%']);
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
