// Users as they are answered.
import * as v from 'valibot';
import { anyObject, emptyList, idOf, resource, timestamp, wholeNumber } from '../base/answer-schema.ts';

function textOrNull(example: string) {
  return v.pipe(v.nullable(v.string()), v.metadata({ examples: [example] }));
}

/** The common members of e-mail addresses and phone numbers. */
export const identificationAnswer = v.strictObject({
  reserved: v.literal(false),
  verification: resource('verification_admin', {
    status: v.literal('verified'),
    strategy: v.literal('admin'),
    attempts: v.null(),
    expire_at: v.null(),
  }),
  linked_to: emptyList,
  created_at: timestamp,
  updated_at: timestamp,
});

export const emailAddressAnswer = resource('email_address', {
  id: idOf('idn'),
  email_address: v.pipe(v.string(), v.metadata({ examples: ['ada@example.com'] })),
  ...identificationAnswer.entries,
});

export const phoneNumberAnswer = resource('phone_number', {
  id: idOf('idn'),
  phone_number: v.pipe(v.string(), v.metadata({ examples: ['+15555550100'] })),
  ...identificationAnswer.entries,
  reserved_for_second_factor: v.literal(false),
  default_second_factor: v.literal(false),
  backup_codes: v.null(),
});

const publicUserEntries = {
  id: idOf('user'),
  external_id: textOrNull('customer_1'),
  username: textOrNull('ada'),
  first_name: textOrNull('Ada'),
  last_name: textOrNull('Lovelace'),
  has_image: v.literal(false),
  image_url: v.literal(''),
  profile_image_url: v.literal(''),
  primary_email_address_id: v.nullable(idOf('idn')),
  primary_phone_number_id: v.nullable(idOf('idn')),
  primary_web3_wallet_id: v.null(),
  password_enabled: v.literal(false),
  two_factor_enabled: v.boolean(),
  totp_enabled: v.boolean(),
  backup_code_enabled: v.boolean(),
  email_addresses: v.array(emailAddressAnswer),
  phone_numbers: v.array(phoneNumberAnswer),
  web3_wallets: emptyList,
  passkeys: emptyList,
  external_accounts: emptyList,
  saml_accounts: emptyList,
  enterprise_accounts: emptyList,
  organization_memberships: emptyList,
  public_metadata: anyObject,
  unsafe_metadata: anyObject,
  last_sign_in_at: v.null(),
  banned: v.boolean(),
  locked: v.literal(false),
  lockout_expires_in_seconds: v.null(),
  verification_attempts_remaining: v.null(),
  created_at: timestamp,
  updated_at: timestamp,
  delete_self_enabled: v.literal(false),
  create_organization_enabled: v.literal(false),
  last_active_at: v.null(),
  mfa_enabled_at: v.nullable(timestamp),
  mfa_disabled_at: v.null(),
  legal_accepted_at: v.nullable(timestamp),
};

/** A user as browsers see it: everything but `private_metadata`. */
export const publicUserAnswer = resource('user', publicUserEntries);

/** A user as servers see it. */
export const userAnswer = resource('user', {
  ...publicUserEntries,
  locale: textOrNull('en-US'),
  private_metadata: anyObject,
});

/** The few facts that a session shows next to the whole user. */
export const publicUserDataAnswer = v.strictObject({
  first_name: v.nullable(v.string()),
  last_name: v.nullable(v.string()),
  image_url: v.literal(''),
  has_image: v.literal(false),
  identifier: v.string(),
  user_id: idOf('user'),
});

export const totalCountAnswer = resource('total_count', { total_count: wholeNumber });

export const deletedUserAnswer = resource('user', { id: idOf('user'), deleted: v.literal(true) });
