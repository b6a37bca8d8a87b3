import { operatorRequired } from '../authority/refusal.ts';
import { both } from '../base/both.ts';
import type { Call } from '../base/call.ts';
import { ApiError, type ErrorCode } from '../base/errors.ts';
import type { SessionId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import type { Rule } from '../base/policy.ts';
import type { EpochMs } from '../base/time.ts';
import type { PresentedClient } from '../clients/client.ts';
import { type SessionTokenOptions, signSessionToken } from '../signing/session-token.ts';
import { fetchSessionKeys } from '../signing/signing-keys.ts';
import type { User } from '../users/user.ts';
import { getBrowserSession } from './browser-session.ts';
import { revokeByVerdict } from './end-session.ts';
import { type Session, statusAt } from './session.ts';
import { requireSession } from './session-record.ts';
import { verdictOn } from './verdict.ts';

interface MintedSessionToken {
  readonly user: User;
  /** Undefined when KMS did not sign; `failure` is then the reason. */
  readonly sessionToken: string | undefined;
  readonly failure: unknown;
}

/** The claims of the token, and the error for a session that may not continue. */
interface MintOptions extends Omit<SessionTokenOptions, 'mode'> {
  readonly endedErrorCode: Extract<ErrorCode, 'authentication_invalid' | 'resource_not_found'>;
}

/** What the rule that allowed the actor token lets a session do now. The same rule nearly always allows the session too. */
function modeAtCreation({ rule }: Session, { authority }: Instance): Rule['mode'] {
  return authority.policy?.rules.find(({ id }) => id === rule)?.mode;
}

function minted(user: User, signed: PromiseSettledResult<string>): MintedSessionToken {
  return signed.status === 'fulfilled'
    ? { user, sessionToken: signed.value, failure: undefined }
    : { user, sessionToken: undefined, failure: signed.reason };
}

/**
 * A session token for a session that the same request has found to be active. The records on which the session depends are read while
 * KMS signs. When it may not continue, the signature is discarded and the session ends. When another rule of the policy allows it than
 * before, and it may do more or less, KMS signs once more.
 *
 * @throws `endedErrorCode`; as `verdictFrom`
 */
export async function mintSessionToken(
  session: Session,
  options: MintOptions,
  call: Call,
): Promise<MintedSessionToken> {
  const mode = modeAtCreation(session, call.instance);
  const [signed, decided] = await Promise.allSettled([
    signSessionToken(session, { ...options, mode }, call),
    verdictOn(session, call),
  ]);
  if (decided.status === 'rejected') throw decided.reason;
  const verdict = decided.value;
  if (!verdict.user) {
    await revokeByVerdict(session, verdict, call);
    throw new ApiError(options.endedErrorCode);
  }
  if (verdict.mode === mode) return minted(verdict.user, signed);
  const [signedAgain] = await Promise.allSettled([signSessionToken(session, { ...options, mode: verdict.mode }, call)]);
  return minted(verdict.user, signedAgain);
}

/**
 * Only the session token of `mintSessionToken`. A failure of KMS is thrown.
 *
 * @throws `endedErrorCode`, `too_many_requests`, `service_unavailable`
 */
export async function createSessionToken(session: Session, options: MintOptions, call: Call): Promise<string> {
  const { sessionToken, failure } = await mintSessionToken(session, options, call);
  if (sessionToken === undefined) throw failure;
  return sessionToken;
}

/**
 * A session token for a server. It names no page (`azp`) and does not count as activity.
 *
 * @throws `not_allowed_access` where operators are required: the session token would make the secret key a way to act as the user;
 * `resource_not_found` for an unknown session, one that ended, and one that may not continue; `too_many_requests`,
 * `service_unavailable`
 */
export async function createBackendSessionToken(id: SessionId, lifeInSeconds: number, call: Call): Promise<string> {
  if (call.instance.authority.operators?.required)
    throw operatorRequired('A secret key gets no session tokens here, because only operators act as users.');
  const [session] = await both(requireSession(call.instance, id), fetchSessionKeys(call.instance));
  if (statusAt(session, call) !== 'active') throw new ApiError('resource_not_found');
  return createSessionToken(session, { lifeInSeconds, endedErrorCode: 'resource_not_found' }, call);
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
  const { session, mode, client } = live;
  return { sessionToken: await signSessionToken(session, { origin, mode }, call), signedInAt: client.rotatedAt };
}
