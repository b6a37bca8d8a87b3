// Writes users as they are answered.
import type * as v from 'valibot';
import { ApiError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { type Identification, identifierOf, type User } from './user.ts';
import type {
  emailAddressAnswer,
  identificationAnswer,
  phoneNumberAnswer,
  publicUserAnswer,
  publicUserDataAnswer,
  userAnswer,
} from './user-answer.ts';

function identificationJson({ createdAt }: User): v.InferOutput<typeof identificationAnswer> {
  return {
    reserved: false,
    verification: {
      object: 'verification_admin',
      status: 'verified',
      strategy: 'admin',
      attempts: null,
      expire_at: null,
    },
    linked_to: [],
    created_at: createdAt,
    updated_at: createdAt,
  };
}

function emailAddressJson({ id, value }: Identification, user: User): v.InferOutput<typeof emailAddressAnswer> {
  return { object: 'email_address', id, email_address: value, ...identificationJson(user) };
}

function phoneNumberJson({ id, value }: Identification, user: User): v.InferOutput<typeof phoneNumberAnswer> {
  return {
    object: 'phone_number',
    id,
    phone_number: value,
    ...identificationJson(user),
    reserved_for_second_factor: false,
    default_second_factor: false,
    backup_codes: null,
  };
}

/** Features of Clerk's users that this instance does not have. */
const NO_IMAGE = { has_image: false, image_url: '' } as const;
const NO_LOCKOUT = {
  locked: false,
  lockout_expires_in_seconds: null,
  verification_attempts_remaining: null,
} as const;
const NO_ACCOUNTS = {
  web3_wallets: [],
  passkeys: [],
  external_accounts: [],
  saml_accounts: [],
  enterprise_accounts: [],
  organization_memberships: [],
};

/** The `user` object of the Frontend API. It does not contain `private_metadata`. */
export function publicUserJson(user: User): v.InferOutput<typeof publicUserAnswer> {
  return {
    object: 'user',
    id: user.id,
    external_id: user.externalId,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    ...NO_IMAGE,
    profile_image_url: '',
    primary_email_address_id: user.emailAddresses[0]?.id ?? null,
    primary_phone_number_id: user.phoneNumbers[0]?.id ?? null,
    primary_web3_wallet_id: null,
    password_enabled: false,
    two_factor_enabled: user.totpEnabled,
    totp_enabled: user.totpEnabled,
    backup_code_enabled: user.backupCodeEnabled,
    email_addresses: user.emailAddresses.map((each) => emailAddressJson(each, user)),
    phone_numbers: user.phoneNumbers.map((each) => phoneNumberJson(each, user)),
    ...NO_ACCOUNTS,
    public_metadata: user.publicMetadata,
    unsafe_metadata: user.unsafeMetadata,
    last_sign_in_at: null,
    banned: user.banned,
    ...NO_LOCKOUT,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
    delete_self_enabled: false,
    create_organization_enabled: false,
    last_active_at: null,
    mfa_enabled_at: user.totpEnabled ? (user.mfaEnabledAt ?? user.createdAt) : null,
    mfa_disabled_at: null,
    legal_accepted_at: user.legalAcceptedAt ?? null,
  };
}

/** The `user` object of the Backend API. */
export function userJson(user: User): v.InferOutput<typeof userAnswer> {
  return { ...publicUserJson(user), locale: user.locale, private_metadata: user.privateMetadata };
}

/**
 * A list of users. Lambda discards an answer of over 6 MB, which includes the escapes of JSON inside JSON. Source: AWS Lambda Developer
 * Guide, quotas.
 *
 * @throws `form_param_value_too_large` naming `limit`
 */
export function userListJson(users: readonly User[]): readonly v.InferOutput<typeof userAnswer>[] {
  const list = users.map(userJson);
  if (Buffer.byteLength(JSON.stringify(JSON.stringify(list))) <= limits.answerBytes) return list;
  const sentence = 'The answer would have more than 6 MB. Use a smaller limit.';
  throw new ApiError({ code: 'form_param_value_too_large', meta: { param_name: 'limit' }, sentence });
}

/** The few facts that a session shows next to the whole user. */
export function publicUserDataJson(user: User): v.InferOutput<typeof publicUserDataAnswer> {
  return {
    first_name: user.firstName,
    last_name: user.lastName,
    image_url: '',
    has_image: false,
    // Clerk's schema requires a text, because each of its users has an identifier.
    identifier: identifierOf(user) ?? user.id,
    user_id: user.id,
  };
}
