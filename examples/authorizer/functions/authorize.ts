/**
 * The Lambda authorizer of an HTTP API. It accepts session tokens, and passes on as plain strings which user is signed in and
 * whether another person acts as that user.
 */
import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';

/** The value of `event.requestContext.authorizer.lambda` in the function behind the authorizer. */
export interface Caller {
  readonly user_id: string;
  /** The id by which your app knows the user; empty for a user without one. */
  readonly external_id: string;
  readonly session_id: string;
  readonly is_impersonated: 'true' | 'false';
  /** The person who acts as the user; empty unless `is_impersonated` is `true`. */
  readonly actor_sub: string;
  /** `read_only` for a session that may only read; empty for one that may do all that the user may. */
  readonly act_mode: string;
}

type AuthorizerResult = APIGatewaySimpleAuthorizerWithContextResult<Caller | Record<string, never>>;

/** Clerk's category of session tokens. The same key may sign other tokens, which must not be accepted here. */
const sessionTokenCategory = 'cl_B7d4PD111AAA';
const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
const refused: AuthorizerResult = { isAuthorized: false, context: {} };

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is missing.`);
  return value;
}

const issuer = required('ISSUER');
const authorizedParties = new Set(required('AUTHORIZED_PARTIES').split(','));
const refuseWrites = required('WRITES_WHILE_IMPERSONATING') !== 'allow';

// Outside the handler, so that the keys are fetched once for each execution environment and then cached for ten minutes. An
// unknown `kid` fetches them again, at most every 30 seconds, so that a new key works at once and invalid tokens cost nothing.
const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), {
  cacheMaxAge: 600_000,
  cooldownDuration: 30_000,
  timeoutDuration: 2000,
});

async function verifySessionToken(authorization: string): Promise<JWTPayload> {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization)?.[1] ?? '';
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    // Pinned, so that the token's own header does not choose.
    algorithms: ['RS256'],
    typ: 'JWT',
    issuer,
    requiredClaims: ['sub', 'sid', 'iat', 'exp', 'azp'],
    clockTolerance: 5,
  });
  if (protectedHeader.cat !== sessionTokenCategory) throw new errors.JWTInvalid('not a session token');
  if (typeof payload.azp !== 'string' || !authorizedParties.has(payload.azp))
    throw new errors.JWTClaimValidationFailed('unexpected "azp" claim value', payload, 'azp', 'check_failed');
  return payload;
}

/** @throws JWTInvalid when `act` names no actor, because the token must not count as the user's own */
function callerFrom({ sub, external_id, sid, act, act_mode }: JWTPayload): Caller {
  if (typeof sub !== 'string' || typeof sid !== 'string') throw new errors.JWTInvalid('no user or no session');
  const user = { user_id: sub, external_id: typeof external_id === 'string' ? external_id : '', session_id: sid };
  if (act === undefined) return { ...user, is_impersonated: 'false', actor_sub: '', act_mode: '' };
  if (typeof act !== 'object' || act === null || !('sub' in act) || typeof act.sub !== 'string' || act.sub === '')
    throw new errors.JWTInvalid('an actor without a name');
  // A mode that this code does not know counts as reading only.
  return { ...user, is_impersonated: 'true', actor_sub: act.sub, act_mode: act_mode === undefined ? '' : 'read_only' };
}

/** Returns `isAuthorized: false` for every request that it cannot verify, which API Gateway answers with 403. */
export async function handler(event: APIGatewayRequestAuthorizerEventV2): Promise<AuthorizerResult> {
  try {
    const context = callerFrom(await verifySessionToken(event.identitySource[0] ?? ''));
    const isWrite = !readingMethods.has(event.requestContext.http.method);
    const mayOnlyRead = context.act_mode !== '' || (refuseWrites && context.is_impersonated === 'true');
    if (isWrite && mayOnlyRead) {
      console.info(JSON.stringify({ refused: 'write_while_impersonating', ...context }));
      return refused;
    }
    return { isAuthorized: true, context };
  } catch (error) {
    console.warn(JSON.stringify({ refused: error instanceof errors.JOSEError ? error.code : String(error) }));
    return refused;
  }
}
