// Reads the parameters of `PATCH /v1/users/{user_id}` and `…/metadata`.
import * as v from 'valibot';
import { ApiError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { isPlainObject, parseParams } from '../base/params.ts';
import type { UserChange } from './update-user.ts';
import type { Identification, User } from './user.ts';
import { factEntries, ignored, metadataEntries, nameEntries, neverTrue, reasons, rightEntries } from './user-params.ts';

const NO_WALLETS = 'this instance has no wallets';

export const updateUserBody = v.strictObject({
  ...nameEntries,
  primary_email_address_id: v.nullish(v.string('must be a string')),
  primary_phone_number_id: v.nullish(v.string('must be a string')),
  ...factEntries,
  notify_primary_email_address_changed: neverTrue('this instance sends no e-mail'),
  sign_out_of_other_sessions: neverTrue('this instance has no passwords'),
  ...rightEntries,
  skip_password_checks: ignored,
  skip_legal_checks: ignored,
});

const updateReasons = {
  ...reasons,
  primary_web3_wallet_id: NO_WALLETS,
  profile_image_id: 'this instance has no images',
} as const;

/** The given value; without one, the present value. `null` is a value. */
function givenOr<Value>(given: Value | undefined, present: Value): Value {
  return given === undefined ? present : given;
}

/** The list with the chosen entry first: the first is the primary one. */
function withPrimary(
  list: readonly Identification[],
  id: string | null | undefined,
  param_name: string,
): readonly Identification[] {
  if (id === null || id === undefined) return list;
  const primary = list.find((each) => each.id === id);
  const sentence = `${param_name} must be an id that this user has.`;
  if (!primary) throw new ApiError({ code: 'form_param_value_invalid', meta: { param_name }, sentence });
  return [primary, ...list.filter((each) => each !== primary)];
}

/**
 * Reads the body of `PATCH /v1/users/{user_id}`, as the change of a user. What is not given stays. Metadata is replaced.
 *
 * @throws the `form_param_…` codes of `parseParams`; the change throws `form_param_value_invalid` for a primary id of another user
 */
export function parseUpdateUser(body: unknown): UserChange {
  const params = parseParams(updateUserBody, body, updateReasons);
  const { primary_email_address_id, primary_phone_number_id, totp_secret, backup_codes } = params;
  return (user, now) => ({
    ...user,
    externalId: givenOr(params.external_id, user.externalId),
    username: givenOr(params.username, user.username),
    firstName: givenOr(params.first_name, user.firstName),
    lastName: givenOr(params.last_name, user.lastName),
    locale: givenOr(params.locale, user.locale),
    emailAddresses: withPrimary(user.emailAddresses, primary_email_address_id, 'primary_email_address_id'),
    phoneNumbers: withPrimary(user.phoneNumbers, primary_phone_number_id, 'primary_phone_number_id'),
    totpEnabled: totp_secret === undefined ? user.totpEnabled : Boolean(totp_secret),
    mfaEnabledAt: totp_secret && !user.totpEnabled ? now : user.mfaEnabledAt,
    backupCodeEnabled: backup_codes === undefined ? user.backupCodeEnabled : (backup_codes ?? []).length > 0,
    publicMetadata: params.public_metadata ?? user.publicMetadata,
    privateMetadata: params.private_metadata ?? user.privateMetadata,
    unsafeMetadata: params.unsafe_metadata ?? user.unsafeMetadata,
    createdAt: params.created_at ?? user.createdAt,
    legalAcceptedAt:
      params.legal_accepted_at === null ? undefined : givenOr(params.legal_accepted_at, user.legalAcceptedAt),
  });
}

export const updateUserMetadataBody = v.strictObject(metadataEntries);

/** Merges objects at every depth. A member that is null is removed. Source: RFC 7396, which Clerk's description agrees with. */
function merged(present: object, patch: object): object {
  const members = new Map<string, unknown>(Object.entries(present));
  for (const [key, value] of Object.entries(patch)) {
    const own = members.get(key);
    if (value === null) members.delete(key);
    else members.set(key, isPlainObject(value) ? merged(isPlainObject(own) ? own : {}, value) : value);
  }
  return Object.fromEntries(members);
}

function mergedMetadata(present: object, patch: object | null | undefined, param_name: keyof typeof metadataEntries) {
  const result = patch ? merged(present, patch) : present;
  const isTooLarge = Buffer.byteLength(JSON.stringify(result)) > limits.userMetadataBytes;
  if (patch && isTooLarge) throw new ApiError({ code: 'form_param_exceeds_allowed_size', meta: { param_name } });
  return result;
}

/**
 * Reads the body of `PATCH /v1/users/{user_id}/metadata`, as the change of a user.
 *
 * @throws the `form_param_…` codes of `parseParams`; the change throws `form_param_exceeds_allowed_size` for what would be too large
 */
export function parseUpdateUserMetadata(body: unknown): UserChange {
  const params = parseParams(updateUserMetadataBody, body);
  return (user: User) => ({
    ...user,
    publicMetadata: mergedMetadata(user.publicMetadata, params.public_metadata, 'public_metadata'),
    privateMetadata: mergedMetadata(user.privateMetadata, params.private_metadata, 'private_metadata'),
    unsafeMetadata: mergedMetadata(user.unsafeMetadata, params.unsafe_metadata, 'unsafe_metadata'),
  });
}
