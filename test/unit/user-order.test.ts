// The orders of a list of users.
import { describe, expect, test } from 'vitest';
import { epochMs } from '../../shared/base/time.ts';
import type { User } from '../../shared/users/user.ts';
import { comparisonBy, ORDERS, type Order } from '../../shared/users/user-order.ts';
import { anyUser } from '../support/any-user.ts';

const noon = 1_700_000_000_000;
const identification = (value: string) => ({ id: 'idn_2Zwn4c4SnN4HHeTb8EK7pe29iof', value }) as const;

/** Two users of which the first comes before the second in the ascending order. */
const pairs: Readonly<Record<Order, readonly [Partial<User>, Partial<User>]>> = {
  created_at: [{ createdAt: epochMs(noon) }, { createdAt: epochMs(noon + 1) }],
  updated_at: [{ updatedAt: epochMs(noon) }, { updatedAt: epochMs(noon + 1) }],
  email_address: [
    { emailAddresses: [identification('ADA@example.com'), identification('z@example.com')] },
    { emailAddresses: [identification('bob@example.com'), identification('a@example.com')] },
  ],
  phone_number: [
    { phoneNumbers: [identification('+15555550100'), identification('+15555550199')] },
    { phoneNumbers: [identification('+15555550101'), identification('+15555550000')] },
  ],
  username: [{ username: 'ADA' }, { username: 'bob' }],
  first_name: [{ firstName: 'ADA' }, { firstName: 'bob' }],
  last_name: [{ lastName: 'ADA' }, { lastName: 'bob' }],
};

describe.each(ORDERS)('by %s', (order) => {
  const [first, second] = pairs[order].map(anyUser) as [User, User];

  test('two values are ordered, and reversed in the other direction', () => {
    expect(comparisonBy(order, true)(first, second)).toBe(-1);
    expect(comparisonBy(order, true)(second, first)).toBe(1);
    expect(comparisonBy(order, false)(first, second)).toBe(1);
    expect(comparisonBy(order, false)(second, first)).toBe(-1);
  });
});

describe.each(['email_address', 'phone_number', 'username', 'first_name', 'last_name'] as const)('by %s', (order) => {
  const [withValue, without] = [anyUser(pairs[order][0]), anyUser({})];

  test.each([true, false])(
    'a user without a value comes last, also where the order is ascending: %s',
    (isAscending) => {
      expect(comparisonBy(order, isAscending)(withValue, without)).toBe(-1);
      expect(comparisonBy(order, isAscending)(without, withValue)).toBe(1);
    },
  );
});

describe('users with the same value', () => {
  const [earlier, later] = [noon, noon + 5].map((at) => anyUser({ createdAt: epochMs(at) })) as [User, User];

  test('are ordered by their creation, in the direction of the order', () => {
    expect(comparisonBy('username', true)(earlier, later)).toBe(-5);
    expect(comparisonBy('username', false)(earlier, later)).toBe(5);
  });

  test('and with the same creation are ordered by their ids, in the direction of the order', () => {
    const [one, other] = [anyUser({ id: 'user_1' }), anyUser({ id: 'user_2' })];

    expect(comparisonBy('username', true)(one, other)).toBe(-1);
    expect(comparisonBy('username', true)(other, one)).toBe(1);
    expect(comparisonBy('username', false)(one, other)).toBe(1);
    expect(comparisonBy('username', false)(other, one)).toBe(-1);
  });

  test('are the same when they have the same id', () => {
    expect(comparisonBy('username', true)(earlier, { ...earlier })).toBe(0);
  });
});
