import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { type Id, isId, type UserId } from '../base/ids.ts';
import { epochMs } from '../base/time.ts';
import type { Item } from '../storage/write.ts';
import type { User } from './user.ts';

/** The partition of the index `byCreated`: every user is in it, the guards of external ids are not. */
export const USER_KIND = 'user';

const identification = v.object({ id: v.custom<Id<'idn'>>((id) => isId('idn', id)), value: v.string() });
const jsonText = v.pipe(
  v.string(),
  v.parseJson(),
  v.custom<object>((value) => typeof value === 'object' && value !== null),
);

const record = v.object({
  id: v.custom<UserId>((id) => isId('user', id)),
  external_id: v.optional(v.string()),
  username: v.nullable(v.string()),
  first_name: v.nullable(v.string()),
  last_name: v.nullable(v.string()),
  email_addresses: v.array(identification),
  phone_numbers: v.array(identification),
  totp_enabled: v.boolean(),
  backup_code_enabled: v.boolean(),
  public_metadata: jsonText,
  private_metadata: jsonText,
  unsafe_metadata: jsonText,
  banned: v.boolean(),
  banned_at: v.optional(v.number()),
  unbanned_at: v.optional(v.number()),
  created_at: v.number(),
  updated_at: v.number(),
});

/** @throws when the stored item is not a user */
export function userFrom(item: Item): User {
  const stored = v.parse(record, item);
  return {
    id: stored.id,
    externalId: stored.external_id ?? null,
    username: stored.username,
    firstName: stored.first_name,
    lastName: stored.last_name,
    emailAddresses: stored.email_addresses,
    phoneNumbers: stored.phone_numbers,
    totpEnabled: stored.totp_enabled,
    backupCodeEnabled: stored.backup_code_enabled,
    publicMetadata: stored.public_metadata,
    privateMetadata: stored.private_metadata,
    unsafeMetadata: stored.unsafe_metadata,
    banned: stored.banned,
    bannedAt: stored.banned_at === undefined ? undefined : epochMs(stored.banned_at),
    unbannedAt: stored.unbanned_at === undefined ? undefined : epochMs(stored.unbanned_at),
    createdAt: epochMs(stored.created_at),
    updatedAt: epochMs(stored.updated_at),
  };
}

/** Metadata is kept as JSON text: DynamoDB's own maps refuse some keys, numbers and depths that JSON allows. */
export function userItem(user: User) {
  const item = {
    id: user.id,
    kind: USER_KIND,
    external_id: user.externalId ?? undefined,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    email_addresses: user.emailAddresses,
    phone_numbers: user.phoneNumbers,
    totp_enabled: user.totpEnabled,
    backup_code_enabled: user.backupCodeEnabled,
    public_metadata: JSON.stringify(user.publicMetadata),
    private_metadata: JSON.stringify(user.privateMetadata),
    unsafe_metadata: JSON.stringify(user.unsafeMetadata),
    banned: user.banned,
    banned_at: user.bannedAt,
    unbanned_at: user.unbannedAt,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  };
  return marshall(item, { removeUndefinedValues: true });
}

/** The key of the item that makes an external id unique: an index cannot. No user id can look like it. */
export function externalIdGuardKey(externalId: string) {
  return { id: `external_id#${externalId}` };
}
