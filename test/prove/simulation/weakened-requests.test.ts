// The simulation finds each weakened variant of the requests that the product sends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLong, recordFigure } from '../figures.ts';
import type { Focus } from './history.ts';
import { type Beginning, makeBeginning } from './run.ts';
import { firstViolation } from './search.ts';
import { late, together, withoutCondition, withoutNonce, withoutToken } from './weakenings.ts';
import { simulateProcess, type Weakening } from './world.ts';

/** Each variant is found within as many seeds. */
const MOST = 1000;
/** A guard that another one covers is not found within as many. */
const ENOUGH = isLong ? 60 : 25;

let beginning: Beginning;
afterAll(simulateProcess());
beforeAll(async () => {
  beginning = await makeBeginning();
});

const found: number[] = [];
let missed = 0;
afterAll(() => {
  const cases = `${found.length + missed} variants, the last found after ${Math.max(...found)} seeds`;
  recordFigure({ check: 'simulation: weakened requests that are not found', cases, violations: missed });
});

async function expectFound(weakening: Weakening, focus: Focus): Promise<void> {
  const violation = await firstViolation(beginning, { weakening, focus, most: MOST });
  if (!violation) {
    missed += 1;
    expect.fail(`no rule is violated in ${MOST} histories`);
  }
  found.push(violation.runs);
  console.log(`after ${violation.runs} seeds: ${violation.violation}`);
}

const lateCopies = ['repeat', 'time-out'] as const;

describe('a read that is no longer consistent is found:', () => {
  test.each<[what: string, weakening: Weakening, focus: Focus]>([
    ['the user, at each session token', late('BatchGetItem', 'Users'), { does: ['redeem', 'mint', 'ban'] }],
    ['the blocklist, at each session token', late('BatchGetItem', 'Blocklist'), { does: ['redeem', 'mint', 'block'] }],
    ['the actor token, at each session token', late('BatchGetItem', 'ActorTokens'), { does: ['redeem', 'mint'] }],
    [
      'the session, when a browser is shown',
      late('BatchGetItem', 'Sessions'),
      { does: ['redeem', 'show', 'end', 'signOut', 'endByServer'] },
    ],
    ['the actor token of a ticket', late('GetItem', 'ActorTokens'), { does: ['create', 'redeem'] }],
    ['the session, for a server', late('GetItem', 'Sessions'), { does: ['redeem', 'mintByServer', 'endByServer'] }],
    ['the client, at a sign-in', late('GetItem', 'Clients'), { does: ['redeem', 'mint'] }],
    ['the user, before a ban is lifted', late('GetItem', 'Users'), { does: ['ban', 'unban'] }],
    ['the secret key', late('GetItem', 'SecretKeys'), { does: ['revokeKey', 'list', 'ban', 'block'] }],
    ['the block, before it is lifted', late('GetItem', 'Blocklist'), { does: ['block', 'lift'] }],
  ])('%s', async (_what, weakening, focus) => expectFound(weakening, focus));
});

const acceptance = withoutCondition({ write: 'Update', table: 'ActorTokens', part: /#status = :pending/ });
const firstSession = withoutCondition({ write: 'Put', table: 'Sessions' });

function onSessions(part: RegExp): Weakening {
  return withoutCondition({ write: 'UpdateItem', table: 'Sessions', part });
}

function onUserCheck(part: RegExp): Weakening {
  return withoutCondition({ write: 'ConditionCheck', table: 'Users', part });
}

const unchangedUser = withoutCondition({ write: 'UpdateItem', table: 'Users', part: /updated_at < :updated_at/ });
const bans: Focus = { does: ['ban', 'unban'], kinds: lateCopies, isNarrow: true };
const blocks: Focus = { does: ['block', 'lift'], kinds: ['repeat'], isNarrow: true };

describe('a write without a condition, or without its nonce, is found:', () => {
  test.each<[what: string, weakening: Weakening, focus: Focus]>([
    ['a redeemed token was pending', acceptance, { does: ['redeem', 'revoke'] }],
    [
      'a revoked token was pending',
      withoutCondition({ write: 'UpdateItem', table: 'ActorTokens' }),
      { does: ['redeem', 'revoke'] },
    ],
    [
      'a created token is new',
      withoutCondition({ write: 'PutItem', table: 'ActorTokens' }),
      { does: ['create', 'redeem', 'revoke'], kinds: ['repeat'] },
    ],
    [
      'a browser has the secret that it had when it was read',
      withoutCondition({ write: 'Update', table: 'Clients' }),
      { does: ['redeem'] },
    ],
    ['the user is not banned', onUserCheck(/banned = :false/), { does: ['redeem', 'ban'], policy: 'none' }],
    [
      'the user was not banned since the ticket was created',
      onUserCheck(/\(attribute_not_exists.+created_at\)/),
      { does: ['redeem', 'ban', 'unban'], kinds: ['refuse', 'time-out'], policy: 'none' },
    ],
    [
      'the user is as the policy judged them',
      onUserCheck(/updated_at = :judged/),
      { does: ['redeem', 'promote'], policy: 'never-staff' },
    ],
    [
      'a touched session has no end',
      onSessions(/attribute_not_exists\(end_status\)/),
      { does: ['redeem', 'mint', 'remove', 'endByServer'] },
    ],
    [
      'a touched session is within its limits',
      onSessions(/expire_at > :now AND last_active_at > :earliest_activity/),
      { does: ['redeem', 'mint'] },
    ],
    [
      'a touch is later than the last one',
      onSessions(/last_active_at <= :now/),
      { does: ['redeem', 'touch', 'mint'], kinds: lateCopies },
    ],
    [
      'a changed session is of this browser',
      onSessions(/client_id = :client AND client_secret_hash = :secret/),
      { does: ['redeem', 'mint', 'touch', 'end'] },
    ],
    ['a user has not changed since, when they are banned', unchangedUser, bans],
    [
      'a replaced user is as they were read',
      withoutCondition({ write: 'Put', table: 'Users' }),
      { does: ['promote', 'demote', 'ban', 'unban'] },
    ],
    [
      'a block is later than the one before was lifted',
      withoutCondition({ write: 'UpdateItem', table: 'Blocklist', part: /attribute_not_exists\(id\) OR .+/ }),
      blocks,
    ],
    ['a redemption whose answer was lost recognises its nonce', withoutNonce, { does: ['redeem'], kinds: ['lose'] }],
  ])('%s', async (_what, weakening, focus) => expectFound(weakening, focus));
});

const ofGeneration = onSessions(/generation = :generation/);
const ofExisting = onSessions(/attribute_exists\(id\)/);

describe('a guard that another one covers is found without both:', () => {
  test.each<[what: string, one: Weakening, other: Weakening, focus: Focus]>([
    // An actor token has one possible session, which exists already.
    ['a ticket is not used twice, by the token', acceptance, firstSession, { does: ['redeem'] }],
    // The token is no longer pending.
    ['a ticket is not used twice, by the session', firstSession, acceptance, { does: ['redeem'] }],
    // Only an item that exists has a generation.
    ['an ended session exists', ofExisting, ofGeneration, { does: ['endByServer', 'redeem'] }],
    // A transaction that is repeated recognises its own nonce in the token.
    [
      'a repeated transaction is the same, by its token',
      withoutToken,
      withoutNonce,
      { does: ['redeem'], kinds: ['lose'] },
    ],
    // Every change of a user raises `updated_at`, a later ban too.
    [
      'a lifted ban is the one that was read',
      withoutCondition({ write: 'UpdateItem', table: 'Users', part: /banned_at = :ban/ }),
      unchangedUser,
      bans,
    ],
  ])('%s', async (_what, one, other, focus) => {
    expect(await firstViolation(beginning, { weakening: one, focus, most: ENOUGH })).toBeUndefined();

    await expectFound(together(one, other), focus);
  });
});

describe('a condition without which nothing changes is not found:', () => {
  test.each<[what: string, weakening: Weakening]>([
    // A new client has 128 random bits in its id.
    ['a new client is new', withoutCondition({ write: 'Put', table: 'Clients' })],
    // The client was read with its session, and that one exists and is of this browser unless somebody wrote into the table.
    ['the session before exists and is of this browser', withoutCondition({ write: 'Update', table: 'Sessions' })],
    // The end of a session is kept, so only the answer to the old tab changes.
    ['an ended session was not replaced', onSessions(/\(attribute_not_exists\(end_cause\).+\)/)],
    // `isRedeemable` has compared the same values of the same token, and these never change.
    [
      'a redeemed token is not expired, and has this ticket',
      withoutCondition({ write: 'Update', table: 'ActorTokens', part: /expire_at > :now AND ticket_hash = :hash/ }),
    ],
    // A lift has the time of its request, so it lifts no block that begins later. Only clocks that differ could make it do so.
    [
      'a lifted block is the one that was read',
      withoutCondition({ write: 'UpdateItem', table: 'Blocklist', part: /blocked_at = :seen.+/ }),
    ],
  ])('%s', async (_what, weakening) => {
    expect(await firstViolation(beginning, { weakening, most: ENOUGH })).toBeUndefined();
  });
});
