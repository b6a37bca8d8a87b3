import type { Call } from '../base/call.ts';
import { toNumericDate } from '../base/time.ts';
import { sign, signingInput } from './sign.ts';
import { sessionKeysOf } from './signing-keys.ts';

/**
 * The JWT by which the server of a page takes over cookies that the Frontend API cannot set on the page's host. It has no `sub`, so
 * it never passes as a session token. Source of the form: Clerk's public source of `@clerk/backend`, handshake.
 *
 * @throws `too_many_requests`, `service_unavailable`
 */
export async function signHandshake(setCookies: readonly string[], { instance, now }: Call): Promise<string> {
  const key = await sessionKeysOf(instance).signer();
  const header = { alg: 'RS256', kid: key.kid, typ: 'JWT' };
  return sign(instance, signingInput(header, { handshake: setCookies, iat: toNumericDate(now) }), key);
}
