// A line of an import: the user that it creates, and the change of a user who is there.
import { describe, expect, test } from 'vitest';
import { epochMs } from '../../shared/base/time.ts';
import { parseImportedUser } from '../../shared/users/imported-user.ts';
import type { User } from '../../shared/users/user.ts';
import { anyUser } from '../support/any-user.ts';

const noon = epochMs(1_700_000_000_000);
const later = epochMs(noon + 60_000);

/** A user who has everything that a line can change. */
const present = anyUser({
  externalId: 'customer_1',
  username: 'ada',
  firstName: 'Ada',
  lastName: 'Lovelace',
  locale: 'en-GB',
  emailAddresses: [{ id: 'idn_2Zwn4c4SnN4HHeTb8EK7pe29iof', value: 'Ada@example.com' }],
  phoneNumbers: [{ id: 'idn_2Zwn4c4SnN4HHeTb8EK7pe29iog', value: '+15555550100' }],
  totpEnabled: true,
  backupCodeEnabled: true,
  mfaEnabledAt: noon,
  publicMetadata: { a: 1 },
  privateMetadata: { b: 1 },
  unsafeMetadata: { c: 1 },
  legalAcceptedAt: noon,
  banned: true,
  bannedAt: noon,
});

const changed = (line: object, user: User = present) => parseImportedUser(line).change(user, later);

test('a line without a member changes nothing', () => {
  expect(changed({})).toEqual(present);
});

test('an empty text counts as not given, also in a list', () => {
  expect(changed({ username: '', email_address: '' })).toEqual(present);
  expect(changed({ email_address: ['', 'ada@example.com'] }).emailAddresses).toEqual([
    { id: present.emailAddresses[0]?.id, value: 'ada@example.com' },
  ]);
});

describe('a line changes only the member that it gives:', () => {
  test.each<[line: object, members: Partial<User>]>([
    [{ external_id: 'customer_2' }, { externalId: 'customer_2' }],
    [{ username: 'grace' }, { username: 'grace' }],
    [{ first_name: 'Grace' }, { firstName: 'Grace' }],
    [{ last_name: 'Hopper' }, { lastName: 'Hopper' }],
    [{ locale: 'en-US' }, { locale: 'en-US' }],
    [{ totp_secret: null }, { totpEnabled: false }],
    [{ backup_codes: [] }, { backupCodeEnabled: false }],
    [{ backup_codes: ['a'] }, { backupCodeEnabled: true }],
    [{ public_metadata: { z: 1 } }, { publicMetadata: { z: 1 } }],
    [{ private_metadata: { z: 1 } }, { privateMetadata: { z: 1 } }],
    [{ unsafe_metadata: { z: 1 } }, { unsafeMetadata: { z: 1 } }],
    [{ legal_accepted_at: '2026-01-01T00:00:00Z' }, { legalAcceptedAt: epochMs(1_767_225_600_000) }],
    [{ created_at: '2026-01-01T00:00:00Z' }, { createdAt: epochMs(1_767_225_600_000) }],
    [{ email_address: [] }, { emailAddresses: [] }],
    [{ phone_number: [] }, { phoneNumbers: [] }],
  ])('%o', (line, members) => {
    expect(changed(line)).toEqual({ ...present, ...members });
  });
});

test('an e-mail address that the user has keeps its id, and another one gets a new id', () => {
  const { emailAddresses } = changed({ email_address: ['new@example.com', 'ADA@example.com'] });

  expect(emailAddresses).toEqual([
    { id: expect.stringMatching(/^idn_[0-9A-Za-z]{27}$/), value: 'new@example.com' },
    { id: present.emailAddresses[0]?.id, value: 'ADA@example.com' },
  ]);
  expect(emailAddresses[0]?.id).not.toBe(present.emailAddresses[0]?.id);
});

test.each([
  ['who has one keeps the time of it', present, 'secret', noon],
  ['who gets one has it since now', { ...present, totpEnabled: false }, 'secret', later],
  ['who has none any more keeps the time', present, null, noon],
  ['who has none, as before, keeps the time', { ...present, totpEnabled: false }, null, noon],
])('a second factor: a user %s', (_, user, totp_secret, expected) => {
  expect(changed({ totp_secret }, user).mfaEnabledAt).toBe(expected);
});

test('a ban stays, and a line creates a banned user only where it says so', () => {
  expect(changed({ banned: false })).toEqual(present);
  expect(parseImportedUser({ banned: true }).user.banned).toBe(true);
  expect(parseImportedUser({}).user.banned).toBe(false);
});
