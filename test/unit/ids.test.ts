import { describe, expect, test } from 'vitest';
import { isId, newId, siblingId } from '../../shared/base/ids.ts';
import { epochMs } from '../../shared/base/time.ts';

const noon = epochMs(1_700_000_000_000);
const body = '2Zwn4c4SnN4HHeTb8EK7pe29iof';

test('a new id is its prefix and 27 base62 characters, and no two are alike', () => {
  const ids = Array.from({ length: 1000 }, () => newId('act', noon));

  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^act_[0-9A-Za-z]{27}$/);
});

test('later ids sort behind earlier ones', () => {
  const ids = [0, 1, 60, 86_400].map((seconds) => newId('sess', epochMs(noon + seconds * 1000)));

  expect(ids.toSorted()).toEqual(ids);
});

test('the ids of one story share what follows the prefix', () => {
  expect([siblingId('sess', `act_${body}`), siblingId('sia', `sess_${body}`)]).toEqual([`sess_${body}`, `sia_${body}`]);
});

describe('an id is known by its form', () => {
  test.each(['act', 'sess', 'client', 'user', 'sia', 'idn', 'key'] as const)(
    'an id is recognised by its form: %s',
    (prefix) => {
      expect(isId(prefix, newId(prefix, noon))).toBe(true);
    },
  );

  test.each([
    body,
    `sess_${body}`,
    `ACT_${body}`,
    `act_${body.slice(1)}`,
    `act_${body}0`,
    `act_${body.slice(1)}-`,
    `act_${body}\n`,
    `act_\u0000${body.slice(1)}`,
    ` act_${body}`,
    'act_',
    '',
    undefined,
    null,
    7,
    [`act_${body}`],
    { toString: () => `act_${body}` },
  ])('a text of another form is no id: %j', (value) => {
    expect(isId('act', value)).toBe(false);
  });
});
