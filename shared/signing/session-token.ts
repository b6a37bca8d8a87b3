/**
 * The session token: the 60-second JWT that proves a session to the app's backend, by the published JWKS. It names the
 * target (`sub`) and, because every session here is an impersonation, the actor (`act`, RFC 8693 section 4.1).
 *
 * Source of header and claims: Clerk's public documentation, Session tokens (version 2).
 */
import { config } from '../base/config.ts';
import type { SessionId, UserId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { type EpochMs, earliest, MINUTE_IN_SECONDS, plusSeconds, toNumericDate } from '../base/time.ts';
import { sign, signingInput } from './sign.ts';
import { sessionKeys, type VerificationKey } from './signing-keys.ts';

/** Clerk's category of session tokens; its SDKs refuse any other value as a session token. */
const CATEGORY = 'cl_B7d4PD111AAA';
/** Lets a verifier's clock run a little behind ours. */
const NOT_BEFORE_MARGIN_IN_SECONDS = 10;

export interface SessionTokenSubject {
  readonly id: SessionId;
  readonly userId: UserId;
  readonly actor: object;
  readonly createdAt: EpochMs;
  readonly expireAt: EpochMs;
}

export interface SessionTokenOptions {
  /** The page's validated origin; becomes `azp`. */
  readonly origin?: string | undefined;
  /** 60 unless told; never reaches past the session's end. */
  readonly lifeInSeconds?: number | undefined;
}

/**
 * Minutes since the first and the second factor. The ticket stands for the first; there is no second.
 * Source: Clerk's public documentation, factor verification age.
 */
export function factorVerificationAge(createdAt: EpochMs, now: EpochMs): readonly [number, number] {
  const minutes = Math.floor((now - createdAt) / (MINUTE_IN_SECONDS * 1000));
  return [Math.max(0, minutes), -1];
}

function sessionTokenInput(
  session: SessionTokenSubject,
  { origin, lifeInSeconds }: SessionTokenOptions,
  now: EpochMs,
  key: VerificationKey,
) {
  const issuedAt = toNumericDate(now);
  const end = earliest(plusSeconds(now, lifeInSeconds ?? limits.sessionTokenLifeInSeconds), session.expireAt);
  const header = { alg: 'RS256', cat: CATEGORY, kid: key.kid, oiat: issuedAt, typ: 'JWT' };
  const payload = {
    act: session.actor,
    ...(origin === undefined ? {} : { azp: origin }),
    exp: toNumericDate(end),
    fva: factorVerificationAge(session.createdAt, now),
    iat: issuedAt,
    iss: config.issuer,
    nbf: issuedAt - NOT_BEFORE_MARGIN_IN_SECONDS,
    sid: session.id,
    sts: 'active',
    sub: session.userId,
    v: 2,
  };
  return signingInput(header, payload);
}

/**
 * A session token for a session the caller has just found to be live.
 *
 * @throws `too_many_requests`, `service_unavailable`
 */
export async function signSessionToken(
  session: SessionTokenSubject,
  options: SessionTokenOptions,
  now: EpochMs,
): Promise<string> {
  const key = await sessionKeys.signer();
  return sign(sessionTokenInput(session, options, now, key), key);
}
