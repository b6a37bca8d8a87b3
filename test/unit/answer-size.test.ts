import { expect, test } from 'vitest';
import { epochMs } from '../../shared/base/time.ts';
import type { User } from '../../shared/users/user.ts';
import { userListJson } from '../../shared/users/user-schema.ts';

/** Users with this metadata. Five hundred of the largest users would have 18 MB. */
function usersWith(count: number, text: string): readonly User[] {
  const user: User = {
    id: 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof',
    externalId: null,
    username: null,
    firstName: null,
    lastName: null,
    locale: null,
    emailAddresses: [],
    phoneNumbers: [],
    totpEnabled: false,
    backupCodeEnabled: false,
    mfaEnabledAt: undefined,
    publicMetadata: { text },
    privateMetadata: {},
    unsafeMetadata: {},
    banned: false,
    bannedAt: undefined,
    unbannedAt: undefined,
    legalAcceptedAt: undefined,
    createdAt: epochMs(0),
    updatedAt: epochMs(0),
  };
  return Array.from({ length: count }, () => user);
}

test('a list of users that Lambda can answer with is answered', () => {
  expect(userListJson(usersWith(230, 'x'.repeat(24_000)))).toHaveLength(230);
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
