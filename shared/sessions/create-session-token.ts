import { ApiError, type ErrorCode } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import { type SessionTokenOptions, signSessionToken } from '../signing/session-token.ts';
import { getUser } from '../users/get-user.ts';
import { maySessionGoOn, type User } from '../users/user.ts';
import { revokeSessionOfUser } from './end-session.ts';
import type { Session } from './session.ts';

export interface MintedSessionToken {
  readonly user: User;
  /** Undefined when KMS did not sign; `refusal` then says why. */
  readonly sessionToken: string | undefined;
  readonly refusal: unknown;
}

/** How the token is made, and what a caller is told whose user turns out to be banned or gone. */
export interface MintOptions extends SessionTokenOptions {
  readonly whenUserIsOut: Extract<ErrorCode, 'authentication_invalid' | 'resource_not_found'>;
}

/**
 * A session token for a session found live in this very request. The user is read while KMS signs: for one who is banned or
 * gone the signature is dropped and the session ends.
 *
 * @throws `whenUserIsOut`
 */
export async function mintSessionToken(
  session: Session,
  options: MintOptions,
  now: EpochMs,
): Promise<MintedSessionToken> {
  const [signed, read] = await Promise.allSettled([signSessionToken(session, options, now), getUser(session.userId)]);
  if (read.status === 'rejected') throw read.reason;
  const user = read.value;
  if (!user || !maySessionGoOn(user, session.createdAt)) {
    await revokeSessionOfUser(session, user ? 'user_banned' : 'user_deleted', now);
    throw new ApiError(options.whenUserIsOut);
  }
  return signed.status === 'fulfilled'
    ? { user, sessionToken: signed.value, refusal: undefined }
    : { user, sessionToken: undefined, refusal: signed.reason };
}

/**
 * The session token alone, for callers who want nothing else.
 *
 * @throws `whenUserIsOut`, `too_many_requests`, `service_unavailable`
 */
export async function createSessionToken(session: Session, options: MintOptions, now: EpochMs): Promise<string> {
  const { sessionToken, refusal } = await mintSessionToken(session, options, now);
  if (sessionToken === undefined) throw refusal;
  return sessionToken;
}
