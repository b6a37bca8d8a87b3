/**
 * Verifies the token of an operator: a JWT of one of the company's identity providers. Source: RFC 7519 and RFC 8725 (algorithms are pinned,
 * issuer and audience are compared exactly), RFC 9068 for the types of access tokens, RFC 8693 section 4.1 for `act`.
 */
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as v from 'valibot';
import { attributeValues } from '../base/attribute-values.ts';
import type { Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { note } from '../base/metrics.ts';
import type { Issuer, Operator, Verified } from '../base/operators.ts';
import { printableString } from '../base/params.ts';
import type { EpochMs } from '../base/time.ts';
import { isCompactJws } from '../signing/verify.ts';
import { identityProvidersOf } from './issuer-keys.ts';

/** What is wrong with a token, as `meta.title` says it. Each completes the sentence that begins with "The operator's token". */
const FAULTS = {
  type: 'is no JWT, or is of another type than JWT and at+jwt',
  issuer: 'is of an issuer that is not configured',
  audience: 'is for another audience than the configured one',
  algorithm: 'is signed with an algorithm that is not accepted: use RS256, PS256, ES256, ES384 or EdDSA',
  signature: 'is not signed with a key of its issuer',
  expired: 'has expired, or says nowhere when it does: sign in at the identity provider again',
  age: 'was issued more than an hour ago, at no time, or in the future: request a new one',
  subject: 'does not name its operator in the configured claim',
  claims: `has more than ${limits.verifiedClaimsBytes} bytes of claims to keep: let the identity provider write fewer groups into it`,
  chained: 'is of somebody who acts as another (act): end that impersonation first',
} as const;

type Fault = keyof typeof FAULTS;

/** The error for a token with this fault. */
function refused(fault: Fault): ApiError {
  return new ApiError({
    code: 'authentication_invalid',
    meta: { kind: 'operator_token', title: fault },
    sentence: `The operator's token ${FAULTS[fault]}.`,
  });
}

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];
/** Source: RFC 7519 section 5.1 and RFC 9068 section 2.1; compared without regard to case. */
const TYPES: readonly unknown[] = [undefined, 'jwt', 'at+jwt', 'application/at+jwt'];
const MAX_AGE_IN_SECONDS = 3600;
const CLOCK_TOLERANCE_IN_SECONDS = 5;

/**
 * The type and the issuer that a token states, before anything in it is trusted.
 *
 * @throws `authentication_invalid`
 */
function decoded(token: string): { readonly type: unknown; readonly issuer: unknown } {
  if (!isCompactJws(token)) throw refused('type');
  try {
    const { typ } = decodeProtectedHeader(token);
    return { type: typeof typ === 'string' ? typ.toLowerCase() : typ, issuer: decodeJwt(token).iss };
  } catch (error) {
    if (error instanceof TypeError || error instanceof errors.JOSEError) throw refused('type');
    throw error;
  }
}

/** The fault that an error of `jose` means; undefined for an error that is not about the token. */
function faultOf(error: unknown): Fault | undefined {
  if (error instanceof errors.JWTExpired) return error.claim === 'iat' ? 'age' : 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return 'audience';
    return error.claim === 'exp' ? 'expired' : 'age';
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  return error instanceof errors.JOSEError ? 'signature' : undefined;
}

/**
 * The claims of a token that this identity provider signed for this product.
 *
 * @throws `authentication_invalid`, `service_unavailable`
 */
async function verifiedPayload(
  token: string,
  { issuer, audience }: Issuer,
  keys: JWTVerifyGetKey,
  now: EpochMs,
): Promise<JWTPayload & { readonly iat: number }> {
  try {
    const { payload } = await jwtVerify<{ readonly iat: number; readonly exp: number }>(token, keys, {
      algorithms: ALGORITHMS,
      issuer,
      audience,
      currentDate: new Date(now),
      clockTolerance: CLOCK_TOLERANCE_IN_SECONDS,
      maxTokenAge: MAX_AGE_IN_SECONDS,
      requiredClaims: ['exp', 'iat'],
    });
    // JSON can write a number that is beyond every time, such as 1e400.
    if (payload.exp > Number.MAX_SAFE_INTEGER) throw refused('expired');
    return payload;
  } catch (error) {
    const fault = faultOf(error);
    throw fault ? refused(fault) : error;
  }
}

const shortText = printableString({ max: limits.actorSubLength });

/** A claim that is a text of a sensible length. */
function textOf(value: unknown): string | undefined {
  const result = v.safeParse(shortText, value);
  return result.success ? result.output : undefined;
}

/** A claim that is a whole number, such as a time. */
function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

/** The configured claims that the token has. */
function claimsOf(payload: JWTPayload, { claims }: Issuer): Verified['claims'] {
  const found = claims
    .map((name) => [name, attributeValues(payload[name])] as const)
    .filter(([name, values]) => Object.hasOwn(payload, name) && values.length > 0);
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

/**
 * The values that the record keeps of a token.
 *
 * @throws `authentication_invalid` when the claims are too long to be kept: a rule that denies by them could not see them
 */
function verifiedFrom(payload: JWTPayload & { readonly iat: number }, sub: string, issuer: Issuer): Verified {
  const { iat, email_verified: isEmailVerified } = payload;
  const email = isEmailVerified === false ? undefined : textOf(payload.email);
  const authTime = numberOf(payload.auth_time);
  const [acr, jti] = [textOf(payload.acr), textOf(payload.jti)];
  const amr = attributeValues(payload.amr).filter((each) => textOf(each) !== undefined);
  const claims = claimsOf(payload, issuer);
  if (Buffer.byteLength(JSON.stringify({ claims, amr })) > limits.verifiedClaimsBytes) throw refused('claims');
  return {
    iss: issuer.issuer,
    sub,
    ...(email !== undefined && { email }),
    ...(authTime !== undefined && { auth_time: authTime }),
    ...(amr.length > 0 && { amr }),
    ...(acr !== undefined && { acr }),
    iat,
    ...(jti !== undefined && { jti }),
    ...(claims && { claims }),
  };
}

/** The value of the claim that becomes `actor.sub`. An e-mail address that the identity provider has not verified names nobody. */
function subjectOf(payload: JWTPayload, { subject }: Issuer): string | undefined {
  return subject === 'email' && payload.email_verified === false ? undefined : textOf(payload[subject]);
}

/**
 * The operator whom a token names. The token was issued at most an hour ago, for this product, by a configured identity provider, to
 * somebody who does not act as another.
 *
 * @throws `authentication_invalid` with `meta.title`: `type`, `issuer`, `audience`, `algorithm`, `signature`, `expired`, `age`, `subject`,
 * `claims`, `chained`; `service_unavailable` when the keys of the identity provider cannot be read
 */
export async function verifyOperator(token: string, { instance, now }: Call): Promise<Operator> {
  const { type, issuer: named } = decoded(token);
  if (!TYPES.includes(type)) throw refused('type');
  const provider = identityProvidersOf(instance).get(named);
  if (!provider) throw refused('issuer');
  const { issuer, keysAt } = provider;
  const payload = await verifiedPayload(token, issuer, keysAt(now), now);
  if (payload.act !== undefined) throw refused('chained');
  const [subject, sub] = [subjectOf(payload, issuer), textOf(payload.sub)];
  if (subject === undefined || sub === undefined) throw refused('subject');
  note({ actor_sub: subject });
  return { subject, verified: verifiedFrom(payload, sub, issuer) };
}
