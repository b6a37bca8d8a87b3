// Reads the lines of an import.
import * as v from 'valibot';
import { isId, newId, type UserId } from '../base/ids.ts';
import { parseParams } from '../base/params.ts';
import type { EpochMs } from '../base/time.ts';
import type { CreateUser } from './create-user.ts';
import { createUserBody, createUserFrom } from './create-user-schema.ts';
import type { UserChange } from './update-user.ts';
import type { Identification } from './user.ts';
import { reasons } from './user-params.ts';

const importedUser = v.strictObject({
  ...createUserBody.entries,
  id: v.nullish(
    v.custom<UserId>((value) => isId('user', value), 'must be an id such as user_2Zwn4c4SnN4HHeTb8EK7pe29iof'),
  ),
});

type Member = keyof typeof importedUser.entries;

/** A user as a line describes them. */
export interface ImportedUser {
  /** The user to store when none is there. */
  readonly user: CreateUser;
  /** The change of a user who is there. What the line does not give stays, and so does a ban. */
  readonly change: UserChange;
}

/** An exported table has an empty text where a user has no value. */
function withoutEmptyTexts(value: unknown): unknown {
  return Array.isArray(value) ? value.filter((entry) => entry !== '') : value;
}

/** The identifications with these values. One that the user has already keeps its id. */
function identifications(values: readonly string[], present: readonly Identification[], now: EpochMs) {
  const idOf = (value: string) =>
    present.find((each) => each.value.toLowerCase() === value.toLowerCase())?.id ?? newId('idn', now);
  return values.map((value) => ({ id: idOf(value), value }));
}

function changeTo(user: CreateUser, isGiven: (member: Member) => boolean): UserChange {
  return (present, now) => {
    const { totpEnabled, mfaEnabledAt } = present;
    return {
      ...present,
      ...(isGiven('external_id') && { externalId: user.externalId }),
      ...(isGiven('username') && { username: user.username }),
      ...(isGiven('first_name') && { firstName: user.firstName }),
      ...(isGiven('last_name') && { lastName: user.lastName }),
      ...(isGiven('locale') && { locale: user.locale }),
      ...(isGiven('email_address') && {
        emailAddresses: identifications(user.emailAddresses, present.emailAddresses, now),
      }),
      ...(isGiven('phone_number') && {
        phoneNumbers: identifications(user.phoneNumbers, present.phoneNumbers, now),
      }),
      ...(isGiven('totp_secret') && {
        totpEnabled: user.totpEnabled,
        mfaEnabledAt: user.totpEnabled && !totpEnabled ? now : mfaEnabledAt,
      }),
      ...(isGiven('backup_codes') && { backupCodeEnabled: user.backupCodeEnabled }),
      ...(isGiven('public_metadata') && { publicMetadata: user.publicMetadata }),
      ...(isGiven('private_metadata') && { privateMetadata: user.privateMetadata }),
      ...(isGiven('unsafe_metadata') && { unsafeMetadata: user.unsafeMetadata }),
      ...(isGiven('legal_accepted_at') && { legalAcceptedAt: user.legalAcceptedAt }),
      createdAt: user.createdAt ?? present.createdAt,
    };
  };
}

/**
 * Reads a line of an import: a body of `POST /v1/users` which may also have an `id`, such as the one that Clerk gave to the user. Empty
 * texts count as not given.
 *
 * @throws as `parseCreateUser`
 */
export function parseImportedUser(line: object): ImportedUser {
  const given = Object.entries(line).filter(([, value]) => value !== '');
  const cleaned = given.map(([key, value]) => [key, withoutEmptyTexts(value)]);
  const { id, ...params } = parseParams(importedUser, Object.fromEntries(cleaned), reasons);
  const user = { ...createUserFrom(params), id: id ?? undefined };
  const names = new Set(given.map(([key]) => key));
  return { user, change: changeTo(user, (member) => names.has(member)) };
}
