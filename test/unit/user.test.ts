import { expect, test } from 'vitest';
import { epochMs } from '../../shared/base/time.ts';
import { maySessionContinue, type User } from '../../shared/users/user.ts';

const noon = 1_700_000_000_000;

function aUser(members: Partial<User>): User {
  return { banned: false, unbannedAt: undefined, ...members } as User;
}

test.each([
  [-1, false],
  [0, true],
  [1, true],
])('a session that began %i ms after its user was unbanned may go on: %s', (after, expected) => {
  const user = aUser({ unbannedAt: epochMs(noon) });

  expect(maySessionContinue(user, epochMs(noon + after))).toBe(expected);
});

test('a session of a user who was never banned may go on, one of a banned user may not', () => {
  expect(maySessionContinue(aUser({}), epochMs(noon))).toBe(true);
  expect(maySessionContinue(aUser({ banned: true }), epochMs(noon))).toBe(false);
});
