// Random histories. `SEED=123` runs the history of one seed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isLong, recordFigure } from '../figures.ts';
import { randomHistory } from './history.ts';
import { type Beginning, makeBeginning, runHistory } from './run.ts';
import { reportOf } from './search.ts';
import { late } from './weakenings.ts';
import { simulateProcess } from './world.ts';

const NUMBER = isLong ? 10_000 : 200;
const ONE_SEED = process.env.SEED;
const REPLAY = 'npx vitest run --config test/vitest.config.ts test/prove/simulation/seeds.test.ts';

let beginning: Beginning;
afterAll(simulateProcess());
beforeAll(async () => {
  beginning = await makeBeginning();
});

function* seeds(): Generator<number> {
  if (ONE_SEED !== undefined) yield Number(ONE_SEED);
  else for (let seed = 1; seed <= NUMBER; seed += 1) yield seed;
}

test('no random history violates a rule', async () => {
  let runs = 0;
  let calls = 0;
  const failed: number[] = [];
  for (const seed of seeds()) {
    const { violation, sites } = await runHistory(randomHistory(seed), beginning);
    runs += 1;
    calls += sites.length;
    if (violation !== undefined) failed.push(seed);
  }
  recordFigure({
    check: 'simulation: random histories',
    cases: `${runs} seeds, ${calls} calls to AWS`,
    violations: failed.length,
  });
  const [first] = failed;
  if (first === undefined) return;
  const report = await reportOf(randomHistory(first), beginning);
  expect.fail(`${failed.length} histories violate a rule. SEED=${first} ${REPLAY}\n${report}`);
});

test('the history of a seed is the same each time', async () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
    const first = await runHistory(randomHistory(seed), beginning);
    const second = await runHistory(randomHistory(seed), beginning);

    expect(second).toEqual(first);
  }
});

test('a history that fails shrinks to the steps that matter', async () => {
  const weakening = late('BatchGetItem', 'Users');
  const failing = { ...randomHistory(1), policy: 'none' as const };
  const usual = { worker: 0, after: 0, browser: 0, token: 0, user: 0, actor: 0 };
  const steps = [
    { ...usual, id: 100, does: 'redeem' as const },
    { ...usual, id: 101, does: 'ban' as const },
    { ...usual, id: 102, does: 'mint' as const },
    { ...usual, id: 103, does: 'mint' as const },
    { ...usual, id: 104, does: 'mint' as const },
  ];
  const others = failing.steps.filter(({ does }) => ['read', 'list', 'show', 'create'].includes(does));
  const long = { ...failing, steps: [...steps, ...others.map((step) => ({ ...step, worker: 1 }))], faults: [] };

  const report = await reportOf(long, beginning, weakening);

  expect(report).toMatch(/^step \d+ \(mint\): No request gets a session token .+ \(step 101 \(ban\)\)$/m);
  expect(report.match(/^\d+\. worker/gm)?.length).toBeLessThanOrEqual(3);
});
