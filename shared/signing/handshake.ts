import type { NumericDate } from '../base/time.ts';
import { sign, signingInput } from './sign.ts';
import { sessionKeys } from './signing-keys.ts';

/**
 * The JWT by which a page's own server takes over cookies it could not set itself. It has no `sub`, so it never passes as a
 * session token. Source of form: Clerk's public source of `@clerk/backend`, handshake.
 *
 * @throws `too_many_requests`, `service_unavailable`
 */
export async function signHandshake(setCookies: readonly string[], issuedAt: NumericDate): Promise<string> {
  const key = await sessionKeys.signer();
  const header = { alg: 'RS256', kid: key.kid, typ: 'JWT' };
  return sign(signingInput(header, { handshake: setCookies, iat: issuedAt }), key);
}
