/**
 * The session token: the 60-second JWT that proves a session to the app's backend, verified with the published JWKS. It names the
 * target (`sub`, and `external_id` for a user who has one) and, because every session here is an impersonation, the actor (`act`, RFC 8693 section 4.1).
 *
 * Source of header and claims: Clerk's public documentation, Session tokens (version 2).
 */
import type { Call } from '../base/call.ts';
import type { SessionId, UserId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { Rule } from '../base/policy.ts';
import { type EpochMs, earliest, plusSeconds, toNumericDate } from '../base/time.ts';
import { factorVerificationAge } from './factor-verification-age.ts';
import { sign, signingInput } from './sign.ts';
import { sessionKeysOf } from './signing-keys.ts';

/** Clerk's category of session tokens; its SDKs accept no other value as a session token. */
const CATEGORY = 'cl_B7d4PD111AAA';
/** Tolerates a verifier's clock that runs a little behind ours. */
const NOT_BEFORE_MARGIN_IN_SECONDS = 10;

interface SessionTokenSubject {
  readonly id: SessionId;
  readonly userId: UserId;
  readonly externalId: string | undefined;
  readonly actor: object;
  readonly createdAt: EpochMs;
  readonly expireAt: EpochMs;
}

export interface SessionTokenOptions {
  /** The page's validated origin; becomes `azp`. */
  readonly origin?: string | undefined;
  /** 60 by default. The token expires at the session's fixed end at the latest. */
  readonly lifeInSeconds?: number | undefined;
  /** Becomes `act_mode`, by which an app refuses changes. Undefined for a session that may do all that its user may. */
  readonly mode?: Rule['mode'];
}

function sessionTokenClaims(
  session: SessionTokenSubject,
  { origin, lifeInSeconds = limits.sessionTokenLifeInSeconds, mode }: SessionTokenOptions,
  { instance, now }: Call,
) {
  const issuedAt = toNumericDate(now);
  return {
    act: session.actor,
    // A private claim of this product, at the top, where verifiers of API Gateway can read it.
    ...(mode === undefined ? {} : { act_mode: mode }),
    ...(origin === undefined ? {} : { azp: origin }),
    // Clerk's name for it in custom session claims.
    ...(session.externalId === undefined ? {} : { external_id: session.externalId }),
    exp: toNumericDate(earliest(plusSeconds(now, lifeInSeconds), session.expireAt)),
    fva: factorVerificationAge(session.createdAt, now),
    iat: issuedAt,
    iss: instance.frontendApiUrl,
    nbf: issuedAt - NOT_BEFORE_MARGIN_IN_SECONDS,
    sid: session.id,
    sts: 'active',
    sub: session.userId,
    v: 2,
  };
}

/**
 * A session token for a session that the caller has found to be live in the same request.
 *
 * @throws `too_many_requests`, `service_unavailable`
 */
export async function signSessionToken(
  session: SessionTokenSubject,
  options: SessionTokenOptions,
  call: Call,
): Promise<string> {
  const key = await sessionKeysOf(call.instance).signer();
  const header = { alg: 'RS256', cat: CATEGORY, kid: key.kid, oiat: toNumericDate(call.now), typ: 'JWT' };
  return sign(call.instance, signingInput(header, sessionTokenClaims(session, options, call)), key);
}
