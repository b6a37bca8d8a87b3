// The parameters of requests about users, and users as they are answered.
import * as v from 'valibot';
import { anyObject, count, emptyList, idOf, resource, timestamp } from '../base/answer-schema.ts';
import { ApiError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { jsonObject, parseParams, printableString } from '../base/params.ts';
import { pageParams, queryObject } from '../base/url-params.ts';
import type { CreateUser } from './create-user.ts';
import type { ListUsers, UserFilter } from './list-users.ts';
import { type Identification, identifierOf, type User } from './user.ts';

const name = v.nullish(printableString({ max: limits.userNameLength }), null);
const identifications = v.nullish(
  v.pipe(
    v.array(printableString({ max: limits.userNameLength }), 'must be an array of strings'),
    v.maxLength(limits.userIdentifications, `must have at most ${limits.userIdentifications} entries`),
  ),
  [],
);
const metadata = v.nullish(jsonObject({ maxBytes: limits.userMetadataBytes }), {});

/** Members about passwords and consents, which this instance does not have. */
const ignored = v.nullish(v.boolean('must be a boolean'));

export const createUserBody = v.strictObject({
  external_id: v.nullish(printableString({ max: limits.externalIdLength }), null),
  username: name,
  first_name: name,
  last_name: name,
  email_address: identifications,
  phone_number: identifications,
  totp_secret: v.nullish(v.string('must be a string'), null),
  skip_password_requirement: ignored,
  skip_password_checks: ignored,
  skip_legal_checks: ignored,
  backup_codes: v.nullish(v.array(v.string(), 'must be an array of strings'), null),
  public_metadata: metadata,
  private_metadata: metadata,
  unsafe_metadata: metadata,
});

/**
 * Reads the body of `POST /v1/users`. Of `totp_secret` and `backup_codes` only their presence is stored. A password is refused as
 * unknown.
 *
 * @throws the `form_param_…` codes of `parseParams`
 */
export function parseCreateUser(body: unknown): CreateUser {
  const params = parseParams(createUserBody, body);
  return {
    externalId: params.external_id,
    username: params.username,
    firstName: params.first_name,
    lastName: params.last_name,
    emailAddresses: params.email_address,
    phoneNumbers: params.phone_number,
    totpEnabled: params.totp_secret !== null,
    backupCodeEnabled: params.backup_codes !== null && params.backup_codes.length > 0,
    publicMetadata: params.public_metadata,
    privateMetadata: params.private_metadata,
    unsafeMetadata: params.unsafe_metadata,
  };
}

const listed = v.optional(v.array(v.string()), []);

export const listUsersQuery = v.strictObject({
  user_id: listed,
  external_id: listed,
  email_address: listed,
  phone_number: listed,
  username: listed,
  query: v.optional(v.string()),
  order_by: v.optional(
    v.picklist(['created_at', '+created_at', '-created_at'], 'must be created_at, +created_at or -created_at'),
  ),
  ...pageParams,
});

/** Filters that can be repeated. */
const LISTS = ['user_id', 'external_id', 'email_address', 'phone_number', 'username'];

/**
 * Reads the query of `GET /v1/users`. An unknown filter is refused, not ignored.
 *
 * @throws the `form_param_…` codes of `parseParams`
 */
export function parseListUsers(query: URLSearchParams): ListUsers {
  const { limit, offset, order_by, ...params } = parseParams(listUsersQuery, queryObject(query, LISTS));
  const filter = {
    userIds: params.user_id,
    externalIds: params.external_id,
    emailAddresses: params.email_address,
    phoneNumbers: params.phone_number,
    usernames: params.username,
    query: params.query,
  };
  return { ...filter, oldestFirst: order_by === 'created_at' || order_by === '+created_at', limit, offset };
}

/** Reads the query of `GET /v1/users/count`, which has the parameters of the list. `limit` and `offset` have no effect. */
export function parseUserFilter(query: URLSearchParams): UserFilter {
  const { limit: _limit, offset: _offset, oldestFirst: _order, ...filter } = parseListUsers(query);
  return filter;
}

const identificationEntries = {
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
};

export const emailAddressAnswer = resource('email_address', {
  id: idOf('idn'),
  email_address: v.string(),
  ...identificationEntries,
});

export const phoneNumberAnswer = resource('phone_number', {
  id: idOf('idn'),
  phone_number: v.string(),
  ...identificationEntries,
  reserved_for_second_factor: v.literal(false),
  default_second_factor: v.literal(false),
  backup_codes: v.null(),
});

const publicUserEntries = {
  id: idOf('user'),
  external_id: v.nullable(v.string()),
  username: v.nullable(v.string()),
  first_name: v.nullable(v.string()),
  last_name: v.nullable(v.string()),
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
  legal_accepted_at: v.null(),
};

/** A user as browsers see it: everything but `private_metadata`. */
export const publicUserAnswer = resource('user', publicUserEntries);

/** A user as servers see it. */
export const userAnswer = resource('user', { ...publicUserEntries, locale: v.null(), private_metadata: anyObject });

/** The few facts that a session shows next to the whole user. */
export const publicUserDataAnswer = v.strictObject({
  first_name: v.nullable(v.string()),
  last_name: v.nullable(v.string()),
  image_url: v.literal(''),
  has_image: v.literal(false),
  identifier: v.nullable(v.string()),
  user_id: idOf('user'),
});

export const totalCountAnswer = resource('total_count', { total_count: count });

export const deletedUserAnswer = resource('user', { id: idOf('user'), deleted: v.literal(true) });

function identificationJson({
  createdAt,
}: User): v.InferOutput<v.StrictObjectSchema<typeof identificationEntries, undefined>> {
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

export function publicUserJson(user: User): v.InferOutput<typeof publicUserAnswer> {
  return {
    object: 'user',
    id: user.id,
    external_id: user.externalId,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    has_image: false,
    image_url: '',
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
    web3_wallets: [],
    passkeys: [],
    external_accounts: [],
    saml_accounts: [],
    enterprise_accounts: [],
    organization_memberships: [],
    public_metadata: user.publicMetadata,
    unsafe_metadata: user.unsafeMetadata,
    last_sign_in_at: null,
    banned: user.banned,
    locked: false,
    lockout_expires_in_seconds: null,
    verification_attempts_remaining: null,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
    delete_self_enabled: false,
    create_organization_enabled: false,
    last_active_at: null,
    mfa_enabled_at: user.totpEnabled ? user.createdAt : null,
    mfa_disabled_at: null,
    legal_accepted_at: null,
  };
}

export function userJson(user: User): v.InferOutput<typeof userAnswer> {
  return { ...publicUserJson(user), locale: null, private_metadata: user.privateMetadata };
}

/**
 * A list of users, if Lambda can answer with it: an answer of over 6 MB, counted with the escapes of JSON inside JSON, would not
 * reach the caller. Source: AWS Lambda Developer Guide, quotas.
 *
 * @throws `form_param_value_too_large` naming `limit`
 */
export function userListJson(users: readonly User[]): readonly v.InferOutput<typeof userAnswer>[] {
  const list = users.map(userJson);
  if (Buffer.byteLength(JSON.stringify(JSON.stringify(list))) <= limits.answerBytes) return list;
  const sentence = 'The answer would have over 6 MB. Ask with a smaller limit.';
  throw new ApiError({ code: 'form_param_value_too_large', meta: { param_name: 'limit' }, sentence });
}

export function publicUserDataJson(user: User): v.InferOutput<typeof publicUserDataAnswer> {
  return {
    first_name: user.firstName,
    last_name: user.lastName,
    image_url: '',
    has_image: false,
    identifier: identifierOf(user),
    user_id: user.id,
  };
}
