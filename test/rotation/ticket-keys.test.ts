// A ticket key is replaced while tickets of every age are about to be redeemed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyNumbers } from '../../cdk/commands/signing-keys/lists.ts';
import { waitsOf } from '../../cdk/commands/signing-keys/waits.ts';
import {
  emergency,
  endOf,
  type FunctionName,
  listAt,
  MINUTE,
  noon,
  rotation,
  type Schedule,
  SECOND,
  STEP,
  type Surroundings,
  signersFirst,
  startSurroundings,
  verifiersFirst,
} from './schedule.ts';

const LIFE = 1200;
const DURATION = 900;
const waits = waitsOf('ticket', {
  inactivityInSeconds: 600,
  maxTicketLifeInSeconds: LIFE,
  maxSessionDurationInSeconds: DURATION,
});
let surroundings: Surroundings;

beforeAll(async () => {
  surroundings = await startSurroundings();
});

afterAll(() => surroundings.stop());

/** The functions that verify tickets: the sign-in and the link. */
const redeemers: readonly FunctionName[] = ['create-sign-in', 'tickets'];
/** The functions that check the signature of a redeemed ticket before each session token. */
const minters: readonly FunctionName[] = ['browser-sessions', 'backend-sessions'];

async function codeOf(verification: Promise<unknown>): Promise<string | undefined> {
  return verification.then(
    () => undefined,
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
}

/**
 * Issues a ticket at every step, and returns the refusals of tickets that have not expired, and of sessions that were started with a ticket
 * at its last moment and have not ended.
 */
async function failuresOf(schedule: Schedule, until: number): Promise<readonly string[]> {
  const tickets: { readonly jwt: string; readonly at: number }[] = [];
  const failures: string[] = [];
  for (let now = noon; now <= until; now += STEP) {
    const { signTicket } = surroundings.load(listAt(now, 'create-actor-token', schedule));
    tickets.push({ jwt: await signTicket(now, LIFE), at: now });
    for (const name of redeemers) {
      const { verifyTicket } = surroundings.load(listAt(now, name, schedule));
      for (const { jwt, at } of tickets) {
        const code = now < at + LIFE * SECOND ? await codeOf(verifyTicket(jwt, now)) : undefined;
        if (code !== undefined) failures.push(`${code} in ${name}`);
      }
    }
    for (const name of minters) {
      const { isProof } = surroundings.load(listAt(now, name, schedule));
      for (const { jwt, at } of tickets.filter((ticket) => now < ticket.at + (LIFE + DURATION) * SECOND))
        if (!(await isProof(jwt))) failures.push(`the session of a ticket of ${at - noon} ms in ${name}`);
    }
  }
  return failures;
}

async function ticketOf(list: KeyNumbers, at: number): Promise<string> {
  const { signTicket } = surroundings.load(list);
  return signTicket(at, LIFE);
}

describe.each([
  ['make tickets', signersFirst],
  ['redeem them', verifiersFirst],
])('while deployments first replace the functions that %s', (_name, order) => {
  test('every ticket can be redeemed for as long as it lives, and the old key is refused in the end', async () => {
    const schedule = rotation(waits, order);
    const retired = endOf(schedule, 2);

    expect(await failuresOf(schedule, retired)).toEqual([]);

    const { verifyTicket } = surroundings.load([2]);
    expect(await codeOf(verifyTicket(await ticketOf([1], retired), retired))).toBe('ticket_invalid_code');
  });
});

describe('a schedule that does not wait is caught:', () => {
  test('a schedule that does not wait is caught: signing with a key that was not published before', async () => {
    const first: KeyNumbers = [1];
    const schedule = { first, deployments: [{ start: noon + MINUTE, list: [2, 1] }], order: signersFirst } as const;

    expect(await failuresOf(schedule, endOf(schedule, 0))).toContain('ticket_invalid_code in create-sign-in');
  });

  test('a schedule that does not wait is caught: retiring before the last ticket of the old key has expired', async () => {
    const schedule = rotation({ ...waits, beforeRetire: LIFE - 5 * 60 }, verifiersFirst);

    expect(await failuresOf(schedule, endOf(schedule, 2))).toContain('ticket_invalid_code in create-sign-in');
  });
});

test('in an emergency every ticket of the old key is refused once the deployment has ended', async () => {
  const schedule = emergency(signersFirst);
  const replaced = endOf(schedule, 0);
  const old = await ticketOf([1], replaced - MINUTE);

  for (const name of redeemers) {
    const { verifyTicket } = surroundings.load(listAt(replaced, name, schedule));
    expect(await codeOf(verifyTicket(old, replaced))).toBe('ticket_invalid_code');
  }
});
