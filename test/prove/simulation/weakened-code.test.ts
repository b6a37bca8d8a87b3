// The simulation finds weakened variants of the product's own code.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ActorToken } from '../../../shared/actor-tokens/actor-token.ts';
import { isLong, recordFigure } from '../figures.ts';
import type { Focus } from './history.ts';
import { asItIs, type Beginning, makeBeginning } from './run.ts';
import { firstViolation } from './search.ts';
import { withoutCondition } from './weakenings.ts';
import { simulateProcess, type Weakening } from './world.ts';

/** The guards that the code does without. */
const weak = vi.hoisted(() => ({
  hasOneNonce: false,
  trustsStatus: false,
  trustsTicket: false,
  trustsCookie: false,
}));

vi.mock(import('../../../shared/sign-ins/redemption.ts'), async (importOriginal) => {
  const original = await importOriginal();
  const planRedemption: typeof original.planRedemption = (basis, call) => {
    const planned = original.planRedemption(basis, call);
    return weak.hasOneNonce ? { ...planned, attempt: 'always the same' } : planned;
  };
  return { ...original, planRedemption };
});
vi.mock(import('../../../shared/actor-tokens/find-outcome-in-table.ts'), async (importOriginal) => {
  const { findOutcomeInTable } = await importOriginal();
  const { getActorToken } = await import('../../../shared/actor-tokens/actor-token-record.ts');
  return {
    findOutcomeInTable: async (instance, failed, whyNot) => {
      const current = weak.trustsStatus ? await getActorToken(instance, failed.id).catch(() => undefined) : undefined;
      const isFinal = current?.status === 'accepted' || current?.status === 'revoked';
      return isFinal ? current : findOutcomeInTable(instance, failed, whyNot);
    },
  };
});
vi.mock(import('../../../shared/actor-tokens/presentation.ts'), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    isRedeemable: (token, presentation): token is ActorToken =>
      weak.trustsTicket ? token !== undefined : original.isRedeemable(token, presentation),
  };
});
vi.mock(import('../../../shared/clients/client.ts'), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    hasCurrentSecret: (client, presented) => weak.trustsCookie || original.hasCurrentSecret(client, presented),
  };
});

/** A guard that another one covers is not found within as many seeds. */
const ENOUGH = isLong ? 60 : 25;
const MOST = 1000;

let beginning: Beginning;
afterAll(simulateProcess());
beforeAll(async () => {
  beginning = await makeBeginning();
});
beforeEach(() => {
  Object.assign(weak, { hasOneNonce: false, trustsStatus: false, trustsTicket: false, trustsCookie: false });
});

const found: number[] = [];
let missed = 0;
afterAll(() => {
  const cases = `${found.length + missed} variants, the last found after ${Math.max(...found)} seeds`;
  recordFigure({ check: 'simulation: weakened code that are not found', cases, violations: missed });
});

async function expectFound(focus: Focus, weakening: Weakening = asItIs): Promise<void> {
  const violation = await firstViolation(beginning, { weakening, focus, most: MOST });
  if (!violation) {
    missed += 1;
    expect.fail(`no rule is violated in ${MOST} histories`);
  }
  found.push(violation.runs);
  console.log(`after ${violation.runs} seeds: ${violation.violation}`);
}

describe('code is found', () => {
  test.each<[what: string, guard: keyof typeof weak, focus: Focus]>([
    ['that gives every redemption the same nonce', 'hasOneNonce', { does: ['redeem'] }],
    [
      'that takes any redemption for its own after a lost answer',
      'trustsStatus',
      { does: ['redeem'], kinds: ['refuse', 'lose'], isNarrow: true },
    ],
  ])('%s', async (_what, guard, focus) => {
    weak[guard] = true;

    await expectFound(focus);
  });
});

describe('a check before the transaction is covered by the condition of a write:', () => {
  test.each<[what: string, guard: keyof typeof weak, condition: Weakening, focus: Focus]>([
    [
      'the ticket',
      'trustsTicket',
      withoutCondition({ write: 'Update', table: 'ActorTokens', part: /#status = :pending AND expire_at > :now/ }),
      { does: ['redeem', 'revoke'] },
    ],
    [
      'the cookie',
      'trustsCookie',
      withoutCondition({ write: 'Update', table: 'Clients', part: /#secret_hash = :presented/ }),
      { does: ['redeem'] },
    ],
  ])('%s', async (_what, guard, condition, focus) => {
    weak[guard] = true;
    expect(await firstViolation(beginning, { focus, most: ENOUGH })).toBeUndefined();

    await expectFound(focus, condition);
  });
});
