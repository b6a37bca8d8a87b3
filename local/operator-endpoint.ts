/**
 * An identity provider for the local run: it gives everybody who asks a token of any operator. Its issuer is on 127.0.0.1, so no deployment
 * accepts its tokens.
 */
import type { IncomingMessage } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as v from 'valibot';
import type { Issuer } from '../shared/base/operators.ts';
import type { Clock } from './aws/clock.ts';
import type { HttpResponse } from './aws/http-api/response.ts';
import { forOrigins, isJson, json, type LocalEndpoint, preflight } from './local-endpoint.ts';

const ALGORITHM = 'ES256';
const LIFE_IN_SECONDS = 3600;
const KEYS_PATH = '/__local/issuer/.well-known/jwks.json';
const TOKEN_PATH = '/__local/operator_token';

/** The configuration by which the functions accept the tokens. */
export function localIssuer(endpoint: string): Omit<Issuer, 'jwksUri'> {
  return { issuer: `${endpoint}/__local/issuer`, audience: endpoint, subject: 'sub', claims: ['groups', 'tenant'] };
}

const asked = v.strictObject({
  sub: v.pipe(v.string(), v.nonEmpty()),
  claims: v.optional(v.record(v.string(), v.unknown()), {}),
});

/** Returns whether a path is one of this identity provider. */
export function isOperatorPath(path: string): boolean {
  return path === KEYS_PATH || path === TOKEN_PATH;
}

/** Answers the keys, and `POST /__local/operator_token` to pages of these origins. */
export async function operatorEndpoint(
  endpoint: string,
  clock: Clock,
  origins: ReadonlySet<string>,
): Promise<LocalEndpoint> {
  const { issuer, audience } = localIssuer(endpoint);
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM);
  const kid = 'local';
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: 'sig' }] };

  async function issue(request: IncomingMessage, body: Buffer): Promise<HttpResponse> {
    if (!isJson(request)) return json(415, { message: 'Send Content-Type: application/json.' });
    try {
      const { sub, claims } = v.parse(asked, JSON.parse(body.toString()));
      const now = Math.floor(clock.read().now / 1000);
      const token = await new SignJWT({ auth_time: now, ...claims })
        .setProtectedHeader({ alg: ALGORITHM, kid, typ: 'JWT' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(sub)
        .setIssuedAt(now)
        .setExpirationTime(now + LIFE_IN_SECONDS)
        .sign(privateKey);
      return json(200, { token });
    } catch (error) {
      if (!(error instanceof v.ValiError || error instanceof SyntaxError)) throw error;
      return json(400, { message: 'Send {"sub": "…"} with the name of the operator and, if you like, "claims": {…}.' });
    }
  }

  return forOrigins(origins, 'the local identity provider', async (request, path, body) => {
    if (path === KEYS_PATH) return json(200, keys);
    if (request.method === 'OPTIONS') return preflight('POST');
    return request.method === 'POST'
      ? issue(request, body)
      : json(405, { message: 'Method Not Allowed' }, { allow: 'POST' });
  });
}
