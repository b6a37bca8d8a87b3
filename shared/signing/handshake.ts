import type { Call } from '../base/call.ts';
import { toNumericDate } from '../base/time.ts';
import { sign, signingInput } from './sign.ts';
import { sessionKeysOf } from './signing-keys.ts';

/**
 * The JWT that gives cookies to the server of a page, because the Frontend API cannot set them on the page's host. It has no `sub`, so no
 * verifier accepts it as a session token. Source of the form: Clerk's public source of `@clerk/backend`, handshake.
 *
 * @throws `too_many_requests`, `service_unavailable`
 */
export async function signHandshake(setCookies: readonly string[], { instance, now }: Call): Promise<string> {
  const key = await sessionKeysOf(instance).signer();
  const header = { alg: 'RS256', kid: key.kid, typ: 'JWT' };
  return sign(instance, signingInput(header, { handshake: setCookies, iat: toNumericDate(now) }), key);
}
