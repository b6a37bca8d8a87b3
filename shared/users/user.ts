/**
 * A user who can be impersonated. The customer's own user directory remains the source of truth. The item has only what an actor token
 * needs: the user's existence, their ban, and the facts that a browser may show. Factors are stored only as the fact that the user has
 * set them up: a ticket bypasses them all, and no password or secret of a user is ever stored.
 */
import type { ErrorCode } from '../base/errors.ts';
import type { Id, UserId } from '../base/ids.ts';
import type { EpochMs } from '../base/time.ts';

/** An e-mail address or a phone number. */
export interface Identification {
  readonly id: Id<'idn'>;
  readonly value: string;
}

export interface User {
  readonly id: UserId;
  /** The customer's own id of the user; unique in an instance. */
  readonly externalId: string | null;
  readonly username: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  /** A language tag. */
  readonly locale: string | null;
  readonly emailAddresses: readonly Identification[];
  readonly phoneNumbers: readonly Identification[];
  readonly totpEnabled: boolean;
  readonly backupCodeEnabled: boolean;
  /** Time since which the user has a second factor; undefined where it is not known, or without one. */
  readonly mfaEnabledAt: EpochMs | undefined;
  readonly publicMetadata: object;
  /** Never part of an answer of the Frontend API. */
  readonly privateMetadata: object;
  readonly unsafeMetadata: object;
  readonly banned: boolean;
  /** Time of the latest ban, even if it was lifted later. */
  readonly bannedAt: EpochMs | undefined;
  /** Time at which the latest ban was lifted. Sessions that started before stay ended. */
  readonly unbannedAt: EpochMs | undefined;
  /** Time at which the user accepted the customer's terms. */
  readonly legalAcceptedAt: EpochMs | undefined;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

/** The value by which a person recognises the user: first e-mail address, else phone number, user name or external id. */
export function identifierOf(user: User): string | null {
  return user.emailAddresses[0]?.value ?? user.phoneNumbers[0]?.value ?? user.username ?? user.externalId;
}

/** First and last name; the empty text for a user without a name. */
export function fullNameOf({ firstName, lastName }: Pick<User, 'firstName' | 'lastName'>): string {
  return [firstName, lastName].filter((part) => part).join(' ');
}

/** The user's name; for a user without one, the identifier or the id. */
export function displayNameOf(user: User): string {
  return fullNameOf(user) || (identifierOf(user) ?? user.id);
}

/** The texts of which a search finds a part. */
export function searchedTexts(user: User): readonly string[] {
  const identifications = [...user.emailAddresses, ...user.phoneNumbers].map(({ value }) => value);
  const texts = [user.id, user.externalId, user.username, fullNameOf(user), ...identifications];
  return texts.filter((text) => text !== null);
}

/** True when the user is not banned, and no ban was lifted after that time. What was created before a ban never outlives it. */
export function isUnbannedSince(user: User, createdAt: EpochMs): boolean {
  return !user.banned && (user.unbannedAt === undefined || createdAt >= user.unbannedAt);
}

/** True when the user has the external id that was recorded. None is recorded of a user who had none, and none is claimed of them. */
export function hasKeptExternalId({ externalId }: User, recorded: string | undefined): boolean {
  return recorded === undefined || externalId === recorded;
}

/**
 * The error for a user whom an actor token does not sign anyone in as: they were deleted, are banned, or were banned or got another
 * external id since its creation.
 */
export function whyNotEntered(user: User | undefined): ErrorCode {
  if (!user) return 'actor_token_subject_not_found';
  return user.banned ? 'user_banned' : 'actor_token_cannot_be_used_code';
}
