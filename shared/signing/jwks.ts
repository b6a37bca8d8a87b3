import * as v from 'valibot';
import type { Instance } from '../base/instance.ts';
import { sessionKeysOf } from './signing-keys.ts';

export const jwksAnswer = v.strictObject({
  keys: v.array(
    v.strictObject({
      use: v.literal('sig'),
      kty: v.literal('RSA'),
      kid: v.pipe(v.string(), v.description('The thumbprint of the key (RFC 7638).')),
      alg: v.literal('RS256'),
      n: v.string(),
      e: v.string(),
    }),
  ),
});

/** The JWK Set (RFC 7517 section 5) of every key that can still verify a session token. Ticket keys are never in it. */
export async function jwksJson(instance: Instance): Promise<v.InferOutput<typeof jwksAnswer>> {
  const keys = await sessionKeysOf(instance).all();
  return { keys: keys.map(({ jwk }) => jwk) };
}
