import {
  anyObject,
  constant,
  emptyList,
  exactly,
  flag,
  id,
  type JsonSchema,
  listOf,
  nothing,
  nullable,
  reference,
  resource,
  text,
} from './json-schema.ts';

const at = reference('Timestamp');

function identification(
  object: 'email_address' | 'phone_number',
  more: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return resource(object, {
    id: id('idn'),
    [object]: text,
    reserved: constant(false),
    verification: resource('verification_admin', {
      status: constant('verified'),
      strategy: constant('admin'),
      attempts: nothing,
      expire_at: nothing,
    }),
    linked_to: emptyList,
    created_at: at,
    updated_at: at,
    ...more,
  });
}

const publicUser = {
  id: id('user'),
  external_id: nullable(text),
  username: nullable(text),
  first_name: nullable(text),
  last_name: nullable(text),
  has_image: constant(false),
  image_url: constant(''),
  profile_image_url: constant(''),
  primary_email_address_id: nullable(id('idn')),
  primary_phone_number_id: nullable(id('idn')),
  primary_web3_wallet_id: nothing,
  password_enabled: constant(false),
  two_factor_enabled: flag,
  totp_enabled: flag,
  backup_code_enabled: flag,
  email_addresses: listOf(reference('EmailAddress')),
  phone_numbers: listOf(reference('PhoneNumber')),
  web3_wallets: emptyList,
  passkeys: emptyList,
  external_accounts: emptyList,
  saml_accounts: emptyList,
  enterprise_accounts: emptyList,
  organization_memberships: emptyList,
  public_metadata: anyObject,
  unsafe_metadata: anyObject,
  last_sign_in_at: nothing,
  banned: flag,
  locked: constant(false),
  lockout_expires_in_seconds: nothing,
  verification_attempts_remaining: nothing,
  created_at: at,
  updated_at: at,
  delete_self_enabled: constant(false),
  create_organization_enabled: constant(false),
  last_active_at: nothing,
  mfa_enabled_at: nullable(at),
  mfa_disabled_at: nothing,
  legal_accepted_at: nothing,
};

export const userSchemas = {
  /** What servers are told of a user. */
  User: resource('user', { ...publicUser, locale: nothing, private_metadata: anyObject }),
  /** What browsers are told. */
  PublicUser: resource('user', publicUser),
  PublicUserData: exactly({
    first_name: nullable(text),
    last_name: nullable(text),
    image_url: constant(''),
    has_image: constant(false),
    identifier: nullable(text),
    user_id: id('user'),
  }),
  EmailAddress: identification('email_address'),
  PhoneNumber: identification('phone_number', {
    reserved_for_second_factor: constant(false),
    default_second_factor: constant(false),
    backup_codes: nothing,
  }),
  DeletedUser: resource('user', { id: id('user'), deleted: constant(true) }),
};
