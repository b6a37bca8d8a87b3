// The parameters that create and change a user, at their boundaries.
import { describe, expect, test } from 'vitest';
import { limits } from '../../shared/base/limits.ts';
import { epochMs } from '../../shared/base/time.ts';
import { parseCreateUser } from '../../shared/users/create-user-schema.ts';
import { parseListUsers } from '../../shared/users/list-users-schema.ts';
import { parseUpdateUser, parseUpdateUserMetadata } from '../../shared/users/update-user-schema.ts';
import { displayNameOf, identifierOf, type User } from '../../shared/users/user.ts';
import { publicUserJson } from '../../shared/users/user-schema.ts';
import { anyUser } from '../support/any-user.ts';

const noon = epochMs(1_700_000_000_000);
const later = epochMs(noon + 60_000);
const emailAddresses = [
  { id: 'idn_2Zwn4c4SnN4HHeTb8EK7pe29iof', value: 'ada@example.com' },
  { id: 'idn_2Zwn4c4SnN4HHeTb8EK7pe29iog', value: 'ada@example.org' },
] as const;

/** An e-mail address with so many characters. Each label has 63 of them at most. */
function emailAddressOf(length: number): string {
  const domain = `@${['a', 'b', 'c'].map((letter) => letter.repeat(60)).join('.')}.example`;
  return 'l'.repeat(length - domain.length) + domain;
}

describe('a user who is created', () => {
  test('has an e-mail address of up to 254 characters', () => {
    expect(parseCreateUser({ email_address: [emailAddressOf(254)] }).emailAddresses).toHaveLength(1);
    expect(() => parseCreateUser({ email_address: [emailAddressOf(255)] })).toThrow('form_param_format_invalid');
  });

  test('has no wallet', () => {
    expect(parseCreateUser({ web3_wallet: [] })).toBeDefined();
    expect(() => parseCreateUser({ web3_wallet: ['a'] })).toThrow('form_param_value_invalid');
  });

  test.each([
    [undefined, false],
    [null, false],
    [[], false],
    [['a'], true],
  ])('with the backup codes %o has backup codes: %s', (backup_codes, expected) => {
    expect(parseCreateUser({ backup_codes }).backupCodeEnabled).toBe(expected);
  });
});

test('a list is filtered by up to 100 values', () => {
  const queryOf = (count: number) =>
    new URLSearchParams(Array.from({ length: count }, () => ['user_id', 'user_1'] as [string, string]));

  expect(parseListUsers(queryOf(100)).userIds.included).toHaveLength(100);
  expect(() => parseListUsers(queryOf(101))).toThrow('form_param_array_size_exceeded');
});

describe('a user who is changed', () => {
  const present = anyUser({ emailAddresses, legalAcceptedAt: noon, mfaEnabledAt: noon, backupCodeEnabled: true });
  const changed = (body: object, user: User = present) => parseUpdateUser(body)(user, later);

  test('has the chosen e-mail address first, and the others behind it', () => {
    const [first, second] = emailAddresses;

    expect(changed({ primary_email_address_id: second.id }).emailAddresses).toEqual([second, first]);
    expect(changed({ primary_email_address_id: first.id }).emailAddresses).toEqual([first, second]);
    expect(changed({ primary_email_address_id: null }).emailAddresses).toEqual([first, second]);
    expect(() => changed({ primary_email_address_id: 'idn_1' })).toThrow('form_param_value_invalid');
  });

  test.each([
    ['gets one', { totpEnabled: false }, 'secret', later],
    ['has one and gets another', { totpEnabled: true }, 'secret', noon],
    ['loses it', { totpEnabled: true }, null, noon],
    ['has none as before', { totpEnabled: false }, undefined, noon],
  ])('and %s has the time of the second factor', (_, members, totp_secret, expected) => {
    expect(changed({ totp_secret }, { ...present, ...members }).mfaEnabledAt).toBe(expected);
  });

  test.each([
    [undefined, true],
    [null, false],
    [[], false],
    [['a'], true],
  ])('with the backup codes %o has backup codes: %s', (backup_codes, expected) => {
    expect(changed({ backup_codes }).backupCodeEnabled).toBe(expected);
  });

  test.each([
    [undefined, noon],
    [null, undefined],
    ['2026-01-01T00:00:00Z', epochMs(1_767_225_600_000)],
  ])('with the acceptance %s has accepted the terms at %s', (legal_accepted_at, expected) => {
    expect(changed({ legal_accepted_at }).legalAcceptedAt).toBe(expected);
  });
});

test('metadata that is merged has up to its limit, in bytes of JSON', () => {
  const present = anyUser({ publicMetadata: { a: '' } });
  const merge = (bytes: number) => {
    const b = 'b'.repeat(bytes - '{"a":"","b":""}'.length);
    return parseUpdateUserMetadata({ public_metadata: { b } })(present, later);
  };

  expect(Object.keys(merge(limits.userMetadataBytes).publicMetadata)).toEqual(['a', 'b']);
  expect(() => merge(limits.userMetadataBytes + 1)).toThrow('form_param_exceeds_allowed_size');
});

describe('a user is recognised by', () => {
  const phoneNumbers = [
    { id: 'idn_2Zwn4c4SnN4HHeTb8EK7pe29ioh', value: '+15555550100' },
    { id: 'idn_2Zwn4c4SnN4HHeTb8EK7pe29ioi', value: '+15555550101' },
  ] as const;

  test.each<[what: string, members: Partial<User>, expected: string | null]>([
    ['the first e-mail address', { emailAddresses, phoneNumbers, username: 'ada' }, 'ada@example.com'],
    ['the first phone number', { phoneNumbers, username: 'ada' }, '+15555550100'],
    ['the user name', { username: 'ada', externalId: 'customer_1' }, 'ada'],
    ['the external id', { externalId: 'customer_1' }, 'customer_1'],
    ['nothing', {}, null],
  ])('%s', (_, members, expected) => {
    expect(identifierOf(anyUser(members))).toBe(expected);
  });

  test('the name, else the identifier, else the id', () => {
    expect(displayNameOf(anyUser({ firstName: 'Ada', username: 'ada' }))).toBe('Ada');
    expect(displayNameOf(anyUser({ username: 'ada' }))).toBe('ada');
    expect(displayNameOf(anyUser({}))).toBe('user_2Zwn4c4SnN4HHeTb8EK7pe29iof');
  });

  test('the ids of the first e-mail address and the first phone number, which are the primary ones', () => {
    expect(publicUserJson(anyUser({ emailAddresses, phoneNumbers }))).toMatchObject({
      primary_email_address_id: emailAddresses[0].id,
      primary_phone_number_id: phoneNumbers[0].id,
    });
  });
});

test.each([
  ['', false],
  ['order_by=username', true],
  ['order_by=%2Busername', true],
  ['order_by=-username', false],
])('a list by "%s" is ascending: %s', (query, expected) => {
  expect(parseListUsers(new URLSearchParams(query)).isAscending).toBe(expected);
});
