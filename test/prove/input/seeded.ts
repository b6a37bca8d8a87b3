// Runs the cases of a check from a seed. A run prints its seed, and a case that violates a rule prints one line that repeats it.
import { expect } from 'vitest';
import { newSeed, randomFrom } from '../../support/random.ts';
import { isLong, recordFigure } from '../figures.ts';

/** The choices of one case. The same seed and the same number of the case make the same choices. */
export interface Choices {
  /** An integer from 0 up to `end`, which is not included. */
  readonly below: (end: number) => number;
  /** One of these. Throws for an empty list. */
  readonly pick: <Item>(items: readonly Item[]) => Item;
  /** True once in this many times. */
  readonly onceIn: (times: number) => boolean;
}

/** For a test of a check. A long form may take several minutes. */
export const timeout = isLong ? 900_000 : 120_000;

/** Spreads neighbouring numbers over all 32 bits, so that neighbouring cases have nothing in common. */
const SPREAD = 0x9e3779b1;

/** Returns the choices of a case. */
export function choicesOf(seed: number, number: number): Choices {
  const random = randomFrom((seed + Math.imul(number + 1, SPREAD)) | 0);
  const below = (end: number) => Math.floor(random() * end);
  return {
    below,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('There is nothing to pick from.');
      return item;
    },
    onceIn: (times) => below(times) === 0,
  };
}

interface Check {
  /** The name in the table of figures. */
  readonly name: string;
  /** The path of the test file, and the name of the test. */
  readonly test: readonly [file: string, name: string];
  /** The number of cases. */
  readonly cases: number;
  /** Cases in a row that share what `prepare` returns. A case is repeated together with those before it in its block. */
  readonly block?: number;
  /** The run stops after this many violations; by default it does not. */
  readonly enough?: number;
}

/** Judges the case with this number: the violated rule, in words without any secret; undefined for a case that violates none. */
type Judge<Given> = (choices: Choices, given: Given, number: number) => Promise<string | undefined>;

/** The case to repeat, as the line of a violation names it. */
const repeated = process.env.CASE === undefined ? undefined : Number(process.env.CASE);

function lineThatRepeats(seed: number, number: number, [file, name]: Check['test']): string {
  return `SEED=${seed} CASE=${number} npx vitest run --config test/vitest.config.ts ${file} -t '${name}'`;
}

/** Returns a violation in one line, with the line that repeats it. */
async function judged<Given>(
  { seed, number, check }: { readonly seed: number; readonly number: number; readonly check: Check },
  given: Given,
  judge: Judge<Given>,
): Promise<string | undefined> {
  const found = await judge(choicesOf(seed, number), given, number).catch(
    (error: unknown) => `threw ${error instanceof Error ? `${error.name}: ${error.message}` : typeof error}`,
  );
  return found === undefined ? undefined : `${found}\n    ${lineThatRepeats(seed, number, check.test)}`;
}

/** Runs all cases of a check, and returns their violations. */
export async function violationsOf<Given>(
  check: Check,
  prepare: () => Promise<Given>,
  judge: Judge<Given>,
): Promise<readonly string[]> {
  const seed = newSeed();
  const { cases, block = cases, enough = Number.POSITIVE_INFINITY } = check;
  console.log(`${check.name}: SEED=${seed}`);
  const violations: string[] = [];
  const end = repeated === undefined ? cases : repeated + 1;
  const start = repeated === undefined ? 0 : repeated - (repeated % block);
  for (let first = start; first < end && violations.length < enough; first += block) {
    const given = await prepare();
    for (let number = first; number < Math.min(first + block, end) && violations.length < enough; number += 1) {
      const violation = await judged({ seed, number, check }, given, judge);
      if (violation !== undefined) violations.push(violation);
    }
  }
  return violations;
}

/** So many cases that a weakened product is found in them whatever the seed is. A check of one ends at the first violation. */
export const MANY = 60_000;

/** Runs all cases of a check, adds its figure to the table of `npm run prove`, and expects that no case violates a rule. */
export async function expectNoViolation<Given>(
  check: Check & { readonly unit: string },
  prepare: () => Promise<Given>,
  judge: Judge<Given>,
): Promise<void> {
  const violations = await violationsOf(check, prepare, judge);
  recordFigure({
    check: check.name,
    cases: `${check.cases.toLocaleString('en')} ${check.unit}`,
    violations: violations.length,
  });
  expect(violations.slice(0, 20), `${violations.length} violations`).toEqual([]);
}
