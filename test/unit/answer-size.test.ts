import { expect, test } from 'vitest';
import { limits } from '../../shared/base/limits.ts';
import type { User } from '../../shared/users/user.ts';
import { userListJson } from '../../shared/users/user-schema.ts';
import { anyUser } from '../support/any-user.ts';

/** Users with this metadata. Five hundred of the largest users would have 18 MB. */
function usersWith(count: number, text: string): readonly User[] {
  return Array.from({ length: count }, () => anyUser({ publicMetadata: { text } }));
}

test('a list of users that Lambda can answer with is answered', () => {
  expect(userListJson(usersWith(230, 'x'.repeat(24_000)))).toHaveLength(230);
});

test('the largest answer has exactly the limit of bytes, with its escapes', () => {
  const bytesOf = (users: readonly User[]) => JSON.stringify(JSON.stringify(userListJson(users))).length;
  const others = usersWith(230, 'x'.repeat(24_000));
  const filler = 'x'.repeat(limits.answerBytes - bytesOf([...others, ...usersWith(1, '')]));

  expect(bytesOf([...others, ...usersWith(1, filler)])).toBe(limits.answerBytes);
  expect(() => userListJson([...others, ...usersWith(1, `${filler}x`)])).toThrow('form_param_value_too_large');
});

test.each([
  ['by its length', usersWith(260, 'x'.repeat(24_000))],
  ['by the escapes of JSON inside JSON', usersWith(240, '"'.repeat(8000))],
])('a list of users that is too large %s is refused with advice', (_, users) => {
  expect(() => userListJson(users)).toThrow(
    expect.objectContaining({
      items: [
        {
          code: 'form_param_value_too_large',
          meta: { param_name: 'limit' },
          sentence: 'The answer would have more than 6 MB. Use a smaller limit.',
        },
      ],
    }),
  );
});
