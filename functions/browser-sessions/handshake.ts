// GET /v1/client/handshake
// A server-rendered page whose session token has expired sends the browser here; it goes back with a fresh one, or with the
// word that it is signed out. Does not count as activity, so a page in a loop keeps no session alive.

import { config } from '../../shared/base/config.ts';
import { ApiError } from '../../shared/base/errors.ts';
import { type EpochMs, MINUTE_IN_SECONDS, toNumericDate } from '../../shared/base/time.ts';
import type { PresentedClient } from '../../shared/clients/client.ts';
import { COOKIE_SUFFIX, handshakeCookies, handshakeSignedOutCookies } from '../../shared/clients/client-cookie.ts';
import { frontendApi } from '../../shared/http/frontend-api.ts';
import { allowedRedirect } from '../../shared/http/redirect.ts';
import { createSessionToken } from '../../shared/sessions/create-session-token.ts';
import { signHandshake } from '../../shared/signing/handshake.ts';
import { liveSessionOf } from './live-session.ts';

const COOKIE = '__clerk_handshake';
/** The payload is for the next request alone; the page's server drops it with the cookies it takes over. */
const DROPPED = `${COOKIE}=; ${cookieAttributes(0)}`;

function cookieAttributes(maxAge: number): string {
  const domain = config.cookieDomain ? `; Domain=${config.cookieDomain}` : '';
  return `Path=/${domain}; Max-Age=${maxAge}; HttpOnly; Secure; SameSite=Lax`;
}

/** What the page's server is to set: a fresh session token of this browser's live session, or nothing of a session. */
async function cookiesFor(
  claimed: PresentedClient | undefined,
  { origin, suffix }: { readonly origin: string; readonly suffix: string },
  now: EpochMs,
): Promise<readonly string[]> {
  const live = claimed && (await liveSessionOf(claimed, now));
  if (!live) return handshakeSignedOutCookies();
  const options = { origin, whenUserIsOut: 'authentication_invalid' } as const;
  const sessionToken = await createSessionToken(live.session, options, now).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === options.whenUserIsOut) return undefined;
    throw error;
  });
  return sessionToken === undefined
    ? handshakeSignedOutCookies()
    : handshakeCookies(sessionToken, live.client.rotatedAt, suffix);
}

export const handshake = frontendApi('Handshake', async ({ query, client, now }) => {
  const redirectUrl = allowedRedirect(query);
  if (!redirectUrl) throw new ApiError('invalid_handshake');
  const claimed = typeof client === 'string' ? undefined : client;
  // Servers that know of suffixed names say so, whatever the value.
  const page = { origin: redirectUrl.origin, suffix: query.has('suffixed_cookies') ? COOKIE_SUFFIX : '' };
  const cookies = [...(await cookiesFor(claimed, page, now)), DROPPED];
  const jwt = await signHandshake(cookies, toNumericDate(now));
  return {
    status: 307,
    headers: { location: redirectUrl.href, 'referrer-policy': 'no-referrer' },
    cookies: [`${COOKIE}=${jwt}; ${cookieAttributes(MINUTE_IN_SECONDS)}`],
  };
});
