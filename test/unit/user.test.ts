import { expect, test } from 'vitest';
import { epochMs } from '../../shared/base/time.ts';
import { hasKeptExternalId, isUnbannedSince, whyNotEntered } from '../../shared/users/user.ts';
import { anyUser } from '../support/any-user.ts';

const noon = 1_700_000_000_000;

test.each([
  [-1, false],
  [0, true],
  [1, true],
])('a session that began %i ms after its user was unbanned may go on: %s', (after, expected) => {
  const user = anyUser({ unbannedAt: epochMs(noon) });

  expect(isUnbannedSince(user, epochMs(noon + after))).toBe(expected);
});

test('a session of a user who was never banned may go on, one of a banned user may not', () => {
  expect(isUnbannedSince(anyUser({}), epochMs(noon))).toBe(true);
  expect(isUnbannedSince(anyUser({ banned: true }), epochMs(noon))).toBe(false);
});

test.each([
  ['who was deleted', undefined, 'actor_token_subject_not_found'],
  ['who is banned', anyUser({ banned: true }), 'user_banned'],
  ['who was banned meanwhile', anyUser({ unbannedAt: epochMs(noon) }), 'actor_token_cannot_be_used_code'],
] as const)('nobody is signed in as a user %s', (_, user, code) => {
  expect(whyNotEntered(user)).toBe(code);
});

test.each([
  ['kept', 'customer_1', 'customer_1', true],
  ['changed', 'customer_2', 'customer_1', false],
  ['lost', null, 'customer_1', false],
  ['got, where none was recorded', 'customer_1', undefined, true],
])('an external id that the user has %s: %s, %s recorded: %s', (_, externalId, recorded, expected) => {
  expect(hasKeptExternalId(anyUser({ externalId }), recorded)).toBe(expected);
});
