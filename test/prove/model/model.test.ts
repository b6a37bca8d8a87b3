// Every state that the protocol can reach within a scope holds the invariants, and each weakened protocol violates one of them.
import { afterAll, expect, test } from 'vitest';
import { isLong, recordFigure } from '../figures.ts';
import { explore } from './explore.ts';
import type { Request, Weakness } from './product.ts';
import { places } from './records.ts';
import type { Scope } from './steps.ts';

const about = (...does: readonly Request['does'][]): readonly Request[] =>
  does.map((each) => ({ does: each, place: 0 }));
const byBrowser = (does: Request['does'], place: 0 | 1, browser: 0 | 1): Request => ({ does, place, browser });

const redeem = byBrowser('redeem', 0, 0);
const mint = byBrowser('mint', 0, 0);
const redeemByOther = byBrowser('redeem', 0, 1);
const redeemSecond = byBrowser('redeem', 1, 0);
const mintSecond = byBrowser('mint', 1, 0);
const rights = about('ban', 'unban', 'promote', 'demote', 'block', 'lift');
const everything: readonly Request[] = [
  ...places.flatMap((place) => [
    ...places.flatMap((browser) => [
      byBrowser('redeem', place, browser),
      byBrowser('mint', place, browser),
      byBrowser('end', place, browser),
    ]),
    ...about('revoke', 'mintByServer', 'endByServer').map((each) => ({ ...each, place })),
  ]),
  ...rights,
];

/** Each scope, and what is smaller in the quick form. */
const scopes: Readonly<Record<string, readonly [long: Scope, quick: Partial<Scope>]>> = {
  'every request, two tickets and two browsers': [
    { requests: everything, most: 3, workers: 3, faults: 1 },
    { most: 2, faults: 2 },
  ],
  'two tickets, two browsers and a revocation': [
    {
      requests: [redeem, redeemByOther, redeemSecond, ...about('revoke')],
      most: 3,
      workers: 3,
      faults: 2,
    },
    { workers: 2, faults: 1 },
  ],
  'a ticket that is being created': [
    {
      requests: [
        { does: 'create', place: 1 },
        { does: 'revoke', place: 1 },
        redeemSecond,
        mintSecond,
        ...about('block', 'lift', 'promote'),
      ],
      most: 4,
      workers: 3,
      faults: 1,
      isSecondAbsent: true,
    },
    { most: 3 },
  ],
  'two sign-ins with one cookie': [
    {
      requests: [redeem, redeemSecond, redeemByOther, mint, mintSecond],
      most: 4,
      workers: 3,
      faults: 1,
      hasCookie: true,
    },
    { most: 3 },
  ],
  'one browser and its sessions': [
    {
      requests: [redeem, redeemSecond, mint, mintSecond, byBrowser('end', 0, 0), ...about('endByServer')],
      most: 4,
      workers: 3,
      faults: 1,
    },
    { workers: 2 },
  ],
  'a user who is banned and changed': [
    { requests: [redeem, mint, ...about('ban', 'unban', 'promote', 'demote')], most: 4, workers: 3, faults: 1 },
    { most: 3 },
  ],
  'an actor who is blocked': [
    { requests: [redeem, mint, ...about('block', 'lift', 'mintByServer')], most: 4, workers: 3, faults: 1 },
    { workers: 2 },
  ],
  'limits that pass': [
    {
      requests: [redeem, redeemSecond, mint, ...about('endByServer', 'mintByServer')],
      most: 4,
      workers: 2,
      faults: 1,
      pauses: 2,
    },
    { most: 3 },
  ],
  'clocks that differ by five seconds': [
    {
      requests: [redeem, mint, ...about('ban', 'unban', 'block', 'lift', 'revoke')],
      most: 4,
      workers: 2,
      faults: 1,
      skews: [0, 5],
    },
    { most: 3 },
  ],
  'tables that are restored': [
    {
      requests: [redeem, redeemByOther, mint, ...about('revoke', 'mintByServer')],
      most: 4,
      workers: 2,
      faults: 1,
      accident: 'restored',
    },
    { most: 3 },
  ],
  'a session that somebody prolongs in its table': [
    {
      requests: [redeem, mint, ...about('mintByServer')],
      most: 4,
      workers: 2,
      faults: 1,
      pauses: 2,
      accident: 'prolonged',
    },
    {},
  ],
};

test.each(Object.entries(scopes))('no state violates an invariant: %s', (name, [long, quick]) => {
  const { states, steps, violation } = explore(isLong ? long : { ...long, ...quick });

  recordFigure({
    check: `model: ${name}`,
    cases: `${states.toLocaleString('en')} states, ${steps.toLocaleString('en')} steps`,
    violations: violation ? 1 : 0,
  });
  expect(violation).toBeUndefined();
});

/** Each weakened protocol, with a scope in which it is found. */
const weakened: readonly (readonly [weakness: Weakness, scope: Scope])[] = [
  [
    'a redemption reads the status, and writes without a condition',
    { requests: [redeem, redeemByOther], most: 2, workers: 2, faults: 0 },
  ],
  [
    'a token is created without a condition',
    {
      requests: [{ does: 'create', place: 1 }, redeemSecond],
      most: 2,
      workers: 2,
      faults: 1,
      isSecondAbsent: true,
    },
  ],
  [
    'the session is written before the token is claimed',
    { requests: [redeem, redeemByOther], most: 2, workers: 2, faults: 0 },
  ],
  [
    'a lost answer is decided by the status, without a nonce',
    { requests: [redeem, redeemByOther], most: 2, workers: 2, faults: 1 },
  ],
  [
    'a sign-in does not require the secret of its client',
    { requests: [redeem, redeemSecond], most: 2, workers: 2, faults: 0, hasCookie: true },
  ],
  [
    'the policy is judged only when a token is created',
    { requests: [redeem, mint, ...about('promote')], most: 3, workers: 2, faults: 0 },
  ],
  [
    'the block is read before the commit only',
    { requests: [redeem, ...about('block')], most: 2, workers: 2, faults: 0 },
  ],
  [
    'the end is taken from the item of the session',
    { requests: [redeem, mint], most: 3, workers: 1, faults: 0, pauses: 2, accident: 'prolonged' },
  ],
  [
    'a redemption does not require the user as they were judged',
    { requests: [redeem, ...about('ban')], most: 2, workers: 2, faults: 0 },
  ],
  ['a sign-in does not end the previous session', { requests: [redeem, redeemSecond], most: 2, workers: 2, faults: 0 }],
  [
    'a touch does not require that the session has no end',
    { requests: [redeem, mint, ...about('endByServer')], most: 3, workers: 2, faults: 0 },
  ],
  ['a touch moves the activity back', { requests: [redeem, mint], most: 3, workers: 2, faults: 0 }],
  ['an end overwrites an earlier end', { requests: [redeem, ...about('endByServer')], most: 3, workers: 2, faults: 0 }],
  [
    'a lifted ban is not the one that was read',
    { requests: about('ban', 'unban'), most: 3, workers: 2, faults: 1, skews: [0, 5] },
  ],
  ['a replaced user is not as they were read', { requests: about('ban', 'promote'), most: 2, workers: 2, faults: 0 }],
  [
    'a lifted block is not the one that was read',
    { requests: about('block', 'lift'), most: 4, workers: 2, faults: 1, skews: [0, 5] },
  ],
  ['a lifted block is forgotten', { requests: [redeem, ...about('block', 'lift')], most: 3, workers: 2, faults: 0 }],
  [
    'a lifted ban or block is compared with the start of the session',
    { requests: [redeem, mint, ...about('ban', 'unban')], most: 4, workers: 3, faults: 0 },
  ],
  [
    'the generation is not compared',
    { requests: [redeem, redeemByOther], most: 2, workers: 1, faults: 0, accident: 'restored' },
  ],
];

let found = 0;
let longest = 0;
afterAll(() => {
  const cases = `${weakened.length} variants, the longest history has ${longest} steps`;
  recordFigure({ check: 'model: weakened protocols that are not found', cases, violations: weakened.length - found });
});

test.each(weakened)('the shortest history of a violation is found where %s', (weakness, scope) => {
  expect(explore(scope).violation).toBeUndefined();

  const { violation } = explore(scope, weakness);

  expect(violation).toBeDefined();
  const history = violation?.history ?? [];
  found += 1;
  longest = Math.max(longest, history.length);
  console.log([`${weakness}. Violated: ${violation?.invariant}`, ...history].join('\n   '));
});
