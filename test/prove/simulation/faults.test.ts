// Every call to AWS of some short histories fails in every way, alone and together with every later call.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isLong, recordFigure } from '../figures.ts';
import { type Fault, faultsAt } from './faults.ts';
import type { History } from './history.ts';
import { type Beginning, makeBeginning, runHistory } from './run.ts';
import { reportOf } from './search.ts';
import { requests, stories } from './stories.ts';
import { simulateProcess } from './world.ts';

/** The quick form runs one of so many points and pairs. */
const [POINTS_APART, PAIRS_APART] = isLong ? [1, 1] : [6, 151];

let beginning: Beginning;
afterAll(simulateProcess());
beforeAll(async () => {
  beginning = await makeBeginning();
});

interface Tally {
  runs: number;
  readonly failed: History[];
}

async function count(tally: Tally, history: History) {
  const outcome = await runHistory(history, beginning);
  tally.runs += 1;
  if (outcome.violation !== undefined) tally.failed.push(history);
  return outcome;
}

async function expectNone({ failed: [first, ...others] }: Tally): Promise<void> {
  if (first) expect.fail(`${others.length + 1} histories violate a rule.\n${await reportOf(first, beginning)}`);
}

function everyNth<Value>(values: readonly Value[], apart: number): readonly Value[] {
  return values.filter((_, index) => index % apart === 0);
}

test('no fault of one call violates a rule', async () => {
  const tally: Tally = { runs: 0, failed: [] };
  for (const history of Object.values(stories)) {
    const { sites, violation } = await runHistory(history, beginning);
    expect(violation).toBeUndefined();
    for (const fault of everyNth(sites.flatMap(faultsAt), POINTS_APART))
      await count(tally, { ...history, faults: [fault] });
  }
  recordFigure({
    check: 'simulation: faults at each call',
    cases: `${tally.runs} points`,
    violations: tally.failed.length,
  });
  await expectNone(tally);
});

/** All pairs of a fault and a fault of a later call, with the calls that the first one causes. */
async function pairsOf(history: History): Promise<readonly (readonly [Fault, Fault])[]> {
  const { sites } = await runHistory(history, beginning);
  const pairs: (readonly [Fault, Fault])[] = [];
  for (const [index, site] of sites.entries())
    for (const first of faultsAt(site)) {
      const after = await runHistory({ ...history, faults: [first] }, beginning);
      for (const second of after.sites.slice(index + 1).flatMap(faultsAt)) pairs.push([first, second]);
    }
  return pairs;
}

test('no two faults violate a rule', async () => {
  const tally: Tally = { runs: 0, failed: [] };
  const histories = isLong ? Object.values(requests) : everyNth(Object.values(requests), 4);
  for (const history of histories)
    for (const faults of everyNth(await pairsOf(history), PAIRS_APART)) await count(tally, { ...history, faults });
  recordFigure({
    check: 'simulation: pairs of faults',
    cases: `${tally.runs} pairs`,
    violations: tally.failed.length,
  });
  await expectNone(tally);
});
