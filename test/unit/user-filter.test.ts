// The filters of a list of users, at their boundaries.
import { describe, expect, test } from 'vitest';
import { epochMs } from '../../shared/base/time.ts';
import { parseUserFilter } from '../../shared/users/list-users-schema.ts';
import type { User } from '../../shared/users/user.ts';
import { isWithoutFilter, matches, wantedIdentifiers } from '../../shared/users/user-filter.ts';
import { anyUser } from '../support/any-user.ts';

const noon = 1_700_000_000_000;
const filterOf = (query: string) => parseUserFilter(new URLSearchParams(query));
const isFound = (query: string, members: Partial<User> = {}) => matches(anyUser(members), filterOf(query));

test.each([
  [`created_at_before=${noon - 1}`, false],
  [`created_at_before=${noon}`, false],
  [`created_at_before=${noon + 1}`, true],
  [`created_at_after=${noon - 1}`, true],
  [`created_at_after=${noon}`, false],
  [`created_at_after=${noon + 1}`, false],
])('a user who was created at noon is found by %s: %s', (query, expected) => {
  expect(isFound(query, { createdAt: epochMs(noon) })).toBe(expected);
});

describe('an external id', () => {
  test.each([
    ['external_id=one', 'one', true],
    ['external_id=one', 'two', false],
    ['external_id=one', null, false],
    ['external_id=-one', 'one', false],
    ['external_id=-one', 'two', true],
    ['external_id=-one', null, true],
    ['external_id=-null', null, true],
  ])('%s finds a user with the external id %s: %s', (query, externalId, expected) => {
    expect(isFound(query, { externalId })).toBe(expected);
  });
});

test.each([
  ['banned=true', true, true],
  ['banned=true', false, false],
  ['banned=false', false, true],
  ['banned=false', true, false],
  ['', true, true],
])('"%s" finds a user who is banned (%s): %s', (query, banned, expected) => {
  expect(isFound(query, { banned })).toBe(expected);
});

test('only e-mail addresses are looked up without regard to case', () => {
  const filter = filterOf('email_address=Ada%40Example.com&phone_number=%2B15555550100&username=Ada');

  expect(wantedIdentifiers(filter)).toEqual([
    ['email_address#ada@example.com'],
    ['phone_number#+15555550100'],
    ['username#Ada'],
  ]);
});

test.each([
  ['', true],
  ['limit=5&order_by=-username', true],
  ['user_id=user_1', false],
  ['external_id=-one', false],
  ['query=a', false],
  ['banned=false', false],
  ['created_at_before=0', false],
])('"%s" wants all users: %s', (query, expected) => {
  expect(isWithoutFilter(filterOf(query))).toBe(expected);
});
