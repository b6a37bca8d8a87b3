/**
 * The Lambda authorizer of an HTTP API: lets session tokens in and tells the function behind it, as plain strings, who is
 * signed in and whether somebody acts as them.
 */
import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';

/** What the function finds in `event.requestContext.authorizer.lambda`. */
export interface Caller {
  readonly user_id: string;
  readonly session_id: string;
  readonly is_impersonated: 'true' | 'false';
  /** Who really acts; empty unless `is_impersonated` is `true`. */
  readonly actor_sub: string;
}

type Answer = APIGatewaySimpleAuthorizerWithContextResult<Caller | Record<string, never>>;

/** Clerk's category of session tokens. The same key may sign other tokens, and none of those signs anyone in. */
const sessionTokenCategory = 'cl_B7d4PD111AAA';
const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
const refused: Answer = { isAuthorized: false, context: {} };

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is missing.`);
  return value;
}

const issuer = required('ISSUER');
const authorizedParties = new Set(required('AUTHORIZED_PARTIES').split(','));
const refuseWrites = required('WRITES_WHILE_IMPERSONATING') !== 'allow';

// Outside the handler: fetched once per execution environment, then kept for ten minutes. A token with an unknown `kid`
// has it fetched again, at most every 30 seconds, so that a new key works at once and garbage costs nothing.
const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), {
  cacheMaxAge: 600_000,
  cooldownDuration: 30_000,
  timeoutDuration: 2000,
});

async function verified(authorization: string): Promise<JWTPayload> {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization)?.[1] ?? '';
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    // Never what the token itself asks for.
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

/** @throws JWTInvalid rather than taking an actor that it cannot name for none. */
function callerFrom({ sub, sid, act }: JWTPayload): Caller {
  if (typeof sub !== 'string' || typeof sid !== 'string') throw new errors.JWTInvalid('no user or no session');
  if (act === undefined) return { user_id: sub, session_id: sid, is_impersonated: 'false', actor_sub: '' };
  if (typeof act !== 'object' || act === null || !('sub' in act) || typeof act.sub !== 'string' || act.sub === '')
    throw new errors.JWTInvalid('an actor without a name');
  return { user_id: sub, session_id: sid, is_impersonated: 'true', actor_sub: act.sub };
}

/** Answers `isAuthorized: false` to everything it cannot vouch for, which API Gateway answers with 403. */
export async function handler(event: APIGatewayRequestAuthorizerEventV2): Promise<Answer> {
  try {
    const context = callerFrom(await verified(event.identitySource[0] ?? ''));
    const isWrite = !readingMethods.has(event.requestContext.http.method);
    if (refuseWrites && isWrite && context.is_impersonated === 'true') {
      console.info(JSON.stringify({ refused: 'write_while_impersonating', ...context }));
      return refused;
    }
    return { isAuthorized: true, context };
  } catch (error) {
    console.warn(JSON.stringify({ refused: error instanceof errors.JOSEError ? error.code : String(error) }));
    return refused;
  }
}
