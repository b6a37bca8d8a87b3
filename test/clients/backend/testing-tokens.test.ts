import { expect, test } from 'vitest';
import { clerk } from './clerk.ts';

test('a testing token is for an hour, and the same for everybody, because it opens nothing', async () => {
  const before = Math.floor(Date.now() / 1000);

  const answer = await clerk.testingTokens.createTestingToken();

  // The client hands this answer on as it is, and not with the names of its type.
  expect(answer).toEqual({ object: 'testing_token', token: 'opens_nothing', expires_at: expect.any(Number) });
  const expiresAt: unknown = Reflect.get(answer, 'expires_at');
  expect(expiresAt).toBeGreaterThanOrEqual(before + 3600);
  expect(expiresAt).toBeLessThan(before + 3660);
});
