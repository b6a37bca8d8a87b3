import type * as v from 'valibot';
import type { Instance } from '../base/instance.ts';
import type { jwksAnswer } from './jwks-answer.ts';
import { sessionKeysOf } from './signing-keys.ts';

/** The JWK Set (RFC 7517 section 5) of every key that can still verify a session token. Ticket keys are never in it. */
export async function jwksJson(instance: Instance): Promise<v.InferOutput<typeof jwksAnswer>> {
  const keys = await sessionKeysOf(instance).all();
  return { keys: keys.map(({ jwk }) => jwk) };
}
