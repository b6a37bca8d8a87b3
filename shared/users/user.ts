/**
 * A user who can be impersonated. The customer's own user directory stays the truth; what is kept here is what an actor
 * token needs: that the user exists, is not banned, and what a browser may show of them. Factors a user has set up are
 * remembered as facts only: a ticket bypasses them all, and no password or secret of a user is ever stored.
 */
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
  readonly emailAddresses: readonly Identification[];
  readonly phoneNumbers: readonly Identification[];
  readonly totpEnabled: boolean;
  readonly backupCodeEnabled: boolean;
  readonly publicMetadata: object;
  /** Never leaves by the Frontend API. */
  readonly privateMetadata: object;
  readonly unsafeMetadata: object;
  readonly banned: boolean;
  /** Of the latest ban, also when it was lifted since. */
  readonly bannedAt: EpochMs | undefined;
  /** When the latest ban was lifted: sessions from before stay over. */
  readonly unbannedAt: EpochMs | undefined;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

/** How a person would recognise the user: first e-mail address, else phone number, user name or the customer's id. */
export function identifierOf(user: User): string | null {
  return user.emailAddresses[0]?.value ?? user.phoneNumbers[0]?.value ?? user.username ?? user.externalId;
}

/** What a person would call the user; the identifier, or at last the id, of one without a name. */
export function displayNameOf(user: User): string {
  const name = [user.firstName, user.lastName].filter((part) => part).join(' ');
  return name || (identifierOf(user) ?? user.id);
}

/** Whether a session of this user that started then may go on: not while they are banned, and never across a ban. */
export function maySessionGoOn(user: User, sessionCreatedAt: EpochMs): boolean {
  return !user.banned && (user.unbannedAt === undefined || sessionCreatedAt >= user.unbannedAt);
}
