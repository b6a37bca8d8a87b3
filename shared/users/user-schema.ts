// Reads the parameters of requests about users, and writes users as they are answered.
import * as v from 'valibot';
import { ApiError } from '../base/errors.ts';
import { isId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { jsonObject, parseParams, printableString } from '../base/params.ts';
import { pageParams, queryObject } from '../base/url-params.ts';
import type { CreateUser } from './create-user.ts';
import type { ListUsers, UserFilter } from './list-users.ts';
import { type Identification, identifierOf, type User } from './user.ts';
import type {
  emailAddressAnswer,
  identificationAnswer,
  phoneNumberAnswer,
  publicUserAnswer,
  publicUserDataAnswer,
  userAnswer,
} from './user-answer.ts';

const externalId = v.pipe(
  printableString({ max: limits.externalIdBytes }),
  v.check(
    (value) => Buffer.byteLength(JSON.stringify(value)) - '""'.length <= limits.externalIdBytes,
    `must have at most ${limits.externalIdBytes} bytes in JSON`,
  ),
  v.check((value) => !isId('user', value), 'must not have the form of the id of a user'),
  v.description(
    `Your own id of the user. At most ${limits.externalIdBytes} bytes in JSON, and not of the form of an id of ours.`,
  ),
);
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
  external_id: v.nullish(externalId, null),
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

/** Filters that can be repeated. */
const lists = { user_id: listed, external_id: listed, email_address: listed, phone_number: listed, username: listed };

export const listUsersQuery = v.strictObject({
  ...lists,
  query: v.optional(v.string()),
  order_by: v.optional(
    v.picklist(['created_at', '+created_at', '-created_at'], 'must be created_at, +created_at or -created_at'),
  ),
  ...pageParams,
});

/**
 * Reads the query of `GET /v1/users`. An unknown filter is refused, not ignored.
 *
 * @throws the `form_param_…` codes of `parseParams`
 */
export function parseListUsers(query: URLSearchParams): ListUsers {
  const { limit, offset, order_by, ...params } = parseParams(listUsersQuery, queryObject(query, Object.keys(lists)));
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
    mfa_enabled_at: user.totpEnabled ? user.createdAt : null,
    mfa_disabled_at: null,
    legal_accepted_at: null,
  };
}

/** The `user` object of the Backend API. */
export function userJson(user: User): v.InferOutput<typeof userAnswer> {
  return { ...publicUserJson(user), locale: null, private_metadata: user.privateMetadata };
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
    identifier: identifierOf(user),
    user_id: user.id,
  };
}
