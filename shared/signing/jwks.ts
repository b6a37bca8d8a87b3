import { sessionKeys } from './signing-keys.ts';

/** The JWK Set (RFC 7517 section 5) of every key that may still verify a session token. Ticket keys are never in it. */
export async function jwksJson() {
  const keys = await sessionKeys.all();
  return { keys: keys.map(({ jwk }) => jwk) };
}
