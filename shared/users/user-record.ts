import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { idSchema } from '../base/ids.ts';
import type { EpochMs } from '../base/time.ts';
import { instant, jsonText, recordFrom } from '../storage/attributes.ts';
import type { Item } from '../storage/item.ts';
import { searchedTexts, type User } from './user.ts';

/** The partition of the index `byCreated`: it holds every user, and no guard of an external id. */
export const USER_KIND = 'user';

const identification = v.object({ id: idSchema('idn'), value: v.string() });

const record = v.object({
  id: idSchema('user'),
  external_id: v.optional(v.string()),
  username: v.nullable(v.string()),
  first_name: v.nullable(v.string()),
  last_name: v.nullable(v.string()),
  locale: v.optional(v.nullable(v.string()), null),
  email_addresses: v.array(identification),
  phone_numbers: v.array(identification),
  totp_enabled: v.boolean(),
  backup_code_enabled: v.boolean(),
  public_metadata: jsonText(),
  private_metadata: jsonText(),
  unsafe_metadata: jsonText(),
  mfa_enabled_at: v.optional(instant),
  banned: v.boolean(),
  banned_at: v.optional(instant),
  unbanned_at: v.optional(instant),
  legal_accepted_at: v.optional(instant),
  created_at: instant,
  updated_at: instant,
});

/** @throws `service_unavailable` when the item is not a user */
export function userFrom(item: Item): User {
  const stored = recordFrom(record, item);
  return {
    id: stored.id,
    externalId: stored.external_id ?? null,
    username: stored.username,
    firstName: stored.first_name,
    lastName: stored.last_name,
    locale: stored.locale,
    emailAddresses: stored.email_addresses,
    phoneNumbers: stored.phone_numbers,
    totpEnabled: stored.totp_enabled,
    backupCodeEnabled: stored.backup_code_enabled,
    mfaEnabledAt: stored.mfa_enabled_at,
    publicMetadata: stored.public_metadata,
    privateMetadata: stored.private_metadata,
    unsafeMetadata: stored.unsafe_metadata,
    banned: stored.banned,
    bannedAt: stored.banned_at,
    unbannedAt: stored.unbanned_at,
    legalAcceptedAt: stored.legal_accepted_at,
    createdAt: stored.created_at,
    updatedAt: stored.updated_at,
  };
}

/** Metadata is stored as JSON text: DynamoDB's own maps refuse some keys, numbers and depths that JSON allows. */
export function userItem(user: User) {
  const item = {
    id: user.id,
    kind: USER_KIND,
    // The database compares with regard to case.
    searched_text: searchedTexts(user)
      .map((text) => text.toLowerCase())
      .join('\n'),
    external_id: user.externalId ?? undefined,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    locale: user.locale,
    email_addresses: user.emailAddresses,
    phone_numbers: user.phoneNumbers,
    totp_enabled: user.totpEnabled,
    backup_code_enabled: user.backupCodeEnabled,
    mfa_enabled_at: user.mfaEnabledAt,
    public_metadata: JSON.stringify(user.publicMetadata),
    private_metadata: JSON.stringify(user.privateMetadata),
    unsafe_metadata: JSON.stringify(user.unsafeMetadata),
    banned: user.banned,
    banned_at: user.bannedAt,
    unbanned_at: user.unbannedAt,
    legal_accepted_at: user.legalAcceptedAt,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  };
  return marshall(item, { removeUndefinedValues: true });
}

/** The attributes that a ban changes, besides `updated_at`. */
export function banAttributes(now: EpochMs) {
  return { banned: true, banned_at: now };
}

/** The attributes that lifting a ban changes, besides `updated_at`. */
export function unbanAttributes(now: EpochMs) {
  return { banned: false, unbanned_at: now };
}
