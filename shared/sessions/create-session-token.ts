import type { Call } from '../base/call.ts';
import { ApiError, type ErrorCode } from '../base/errors.ts';
import type { SessionId } from '../base/ids.ts';
import { logDropped } from '../base/log.ts';
import type { EpochMs } from '../base/time.ts';
import type { PresentedClient } from '../clients/client.ts';
import { type SessionTokenOptions, signSessionToken } from '../signing/session-token.ts';
import { getUser } from '../users/read-users.ts';
import { maySessionContinue, type User } from '../users/user.ts';
import { getBrowserSession } from './browser-session.ts';
import { revokeSessionOfUser } from './end-session.ts';
import { type Session, statusAt } from './session.ts';
import { requireSession } from './session-record.ts';

interface MintedSessionToken {
  readonly user: User;
  /** Undefined when KMS did not sign; `failure` is then the reason. */
  readonly sessionToken: string | undefined;
  readonly failure: unknown;
}

/** The claims of the token, and the error for a session whose user is banned or deleted. */
interface MintOptions extends SessionTokenOptions {
  readonly userErrorCode: Extract<ErrorCode, 'authentication_invalid' | 'resource_not_found'>;
}

/**
 * A session token for a session that the same request has found to be active. The user is read while KMS signs. When the user is banned
 * or deleted, the signature is discarded and the session ends.
 *
 * @throws `userErrorCode`
 */
export async function mintSessionToken(
  session: Session,
  options: MintOptions,
  call: Call,
): Promise<MintedSessionToken> {
  const [signed, read] = await Promise.allSettled([
    signSessionToken(session, options, call),
    getUser(call.instance, session.userId),
  ]);
  if (read.status === 'rejected') throw read.reason;
  const user = read.value;
  if (!user || !maySessionContinue(user, session.createdAt)) {
    await revokeSessionOfUser(session, user ? 'user_banned' : 'user_deleted', call);
    throw new ApiError(options.userErrorCode);
  }
  return signed.status === 'fulfilled'
    ? { user, sessionToken: signed.value, failure: undefined }
    : { user, sessionToken: undefined, failure: signed.reason };
}

/**
 * Only the session token of `mintSessionToken`. A failure of KMS is thrown.
 *
 * @throws `userErrorCode`, `too_many_requests`, `service_unavailable`
 */
export async function createSessionToken(session: Session, options: MintOptions, call: Call): Promise<string> {
  const { sessionToken, failure } = await mintSessionToken(session, options, call);
  if (sessionToken === undefined) throw failure;
  return sessionToken;
}

/**
 * A session token for a server. It names no page (`azp`) and does not count as activity.
 *
 * @throws `resource_not_found` for an unknown session, one that ended, and one whose user was banned or deleted; `too_many_requests`,
 * `service_unavailable`
 */
export async function createBackendSessionToken(id: SessionId, lifeInSeconds: number, call: Call): Promise<string> {
  const session = await requireSession(call.instance, id);
  if (statusAt(session, call) !== 'active') throw new ApiError('resource_not_found');
  return createSessionToken(session, { lifeInSeconds, userErrorCode: 'resource_not_found' }, call);
}

/** A session token to show with a live session; undefined when KMS does not sign: the browser then requests one next. */
export async function signShownToken(
  session: Session,
  options: SessionTokenOptions,
  call: Call,
): Promise<string | undefined> {
  return signSessionToken(session, options, call).catch((error: unknown) => {
    logDropped('session_token', error);
    return undefined;
  });
}

/** The session token that a handshake returns, and the time of the sign-in. */
interface HandshakeToken {
  readonly sessionToken: string;
  readonly signedInAt: EpochMs;
}

/**
 * A session token for the live session of a browser, for a page of this origin; undefined when the browser is signed out.
 *
 * @throws `too_many_requests`, `service_unavailable`
 */
export async function createHandshakeToken(
  presented: PresentedClient,
  origin: string,
  call: Call,
): Promise<HandshakeToken | undefined> {
  const live = await getBrowserSession(presented, call);
  if (!live) return undefined;
  const options = { origin, userErrorCode: 'authentication_invalid' } as const;
  const sessionToken = await createSessionToken(live.session, options, call).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === options.userErrorCode) return undefined;
    throw error;
  });
  return sessionToken === undefined ? undefined : { sessionToken, signedInAt: live.client.rotatedAt };
}
