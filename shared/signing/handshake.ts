import type { Call } from '../base/call.ts';
import { perInstance } from '../base/instance.ts';
import { limits } from '../base/limits.ts';
import { type EpochMs, plusSeconds, toNumericDate } from '../base/time.ts';
import { sign, signingInput } from './sign.ts';
import { sessionKeysOf } from './signing-keys.ts';

/** Less than the life of a handshake's JWT by more than the life of its cookie. */
const SIGNED_OUT_IS_KEPT_FOR_SECONDS = 30;
const FAILURE_IS_KEPT_FOR_SECONDS = 2;

/**
 * The JWT that gives cookies to the server of a page, because the Frontend API cannot set them on the page's host. It has no `sub`, so
 * no verifier accepts it as a session token. It expires after a minute.
 * Source of the form: Clerk's public source of `@clerk/backend`, handshake.
 *
 * @throws `too_many_requests`, `service_unavailable`
 */
export async function signHandshake(setCookies: readonly string[], { instance, now }: Call): Promise<string> {
  const key = await sessionKeysOf(instance).signer();
  const header = { alg: 'RS256', kid: key.kid, typ: 'JWT' };
  const iat = toNumericDate(now);
  const exp = iat + limits.handshakeLifeInSeconds;
  return sign(instance, signingInput(header, { handshake: setCookies, iat, exp }), key);
}

interface Kept {
  readonly at: EpochMs;
  readonly jwt: Promise<string>;
  until: EpochMs;
}

/**
 * The JWT that gives a signed-out browser its cookies, which are the same for every browser. It is kept for 30 seconds, and a failure for
 * two, so that browsers that prove nothing use up no signatures of KMS.
 *
 * @throws as `signHandshake`
 */
export const signedOutHandshakeOf = perInstance((instance) => {
  let kept: Kept | undefined;
  return (setCookies: readonly string[], now: EpochMs): Promise<string> => {
    if (!kept || now < kept.at || now >= kept.until) {
      const jwt = signHandshake(setCookies, { instance, now });
      const renewed: Kept = { at: now, jwt, until: plusSeconds(now, SIGNED_OUT_IS_KEPT_FOR_SECONDS) };
      jwt.catch(() => {
        renewed.until = plusSeconds(now, FAILURE_IS_KEPT_FOR_SECONDS);
      });
      kept = renewed;
    }
    return kept.jwt;
  };
});
