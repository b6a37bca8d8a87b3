// What an operation answers to a record that cannot be read: test/tampering/unreadable.test.ts.
import { describe, expect, test } from 'vitest';
import { impersonationOf } from '../../shared/actor-tokens/impersonation-record.ts';
import { limits } from '../../shared/base/limits.ts';

const userId = 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof';

describe('a stored actor', () => {
  test.each([
    '{}',
    '[]',
    '["sub"]',
    '7',
    '"a"',
    'null',
    '{"sub":7}',
    '{"sub":""}',
    '{"sub":" "}',
    '{"sub":"a\\n"}',
    `{"sub":"${'a'.repeat(limits.actorSubLength + 1)}"}`,
    '{"sub"',
    '',
    undefined,
  ])('without a sub that names somebody cannot be read: %j', (actor) => {
    expect(impersonationOf({ user_id: userId, actor })).toBeUndefined();
  });

  test.each(['a', ' a ', 'a\u202eb'])('stays readable with a sub of which only a new actor is refused: %j', (sub) => {
    expect(impersonationOf({ user_id: userId, actor: JSON.stringify({ sub }) })).toEqual({ userId, actor: { sub } });
  });
});
