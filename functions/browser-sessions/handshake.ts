// When the session token of a server-rendered page has expired, the page's server redirects the browser here. The browser returns with a
// new session token, or signed out. Does not count as activity, so a page that redirects in a loop does not keep a session active.
//
// Every host below the cookie domain receives the answer's cookie, so a page of another host must not get it silently: by a frame, an
// image, a script's request, or a prefetch, which also says `document`.
import { ApiError } from '../../shared/base/errors.ts';
import { limits } from '../../shared/base/limits.ts';
import {
  clearedHandshakeCookie,
  handshakeCookie,
  handshakeCookies,
  handshakeSignedOutCookies,
} from '../../shared/clients/client-cookie.ts';
import { type FrontendRequest, frontendApi } from '../../shared/http/frontend-api.ts';
import { allowedRedirect } from '../../shared/http/redirect.ts';
import { createHandshakeToken } from '../../shared/sessions/create-session-token.ts';
import { signedOutHandshakeOf, signHandshake } from '../../shared/signing/handshake.ts';

/**
 * Refuses what the browser says is no navigation of its top window. `Sec-Fetch-Mode` is not checked: navigations through a service worker
 * have other modes. Source: W3C Fetch Metadata Request Headers.
 *
 * @throws `not_allowed_access`
 */
function checkTopNavigation({ header }: FrontendRequest): void {
  const isDocument = (header('sec-fetch-dest') ?? 'document') === 'document';
  if (isDocument && !header('sec-purpose') && !header('purpose')) return;
  const sentence =
    'A handshake needs a page in the top window of a browser. Frames, requests of scripts and pages that are loaded in advance get none.';
  throw new ApiError({ code: 'not_allowed_access', sentence });
}

export const Handshake = frontendApi('Handshake', async (request) => {
  const { query, clients, instance, now } = request;
  if (!instance.handshake) {
    const sentence = 'The handshake is switched off in the configuration of this deployment.';
    throw new ApiError({ code: 'resource_not_found', sentence });
  }
  checkTopNavigation(request);
  const redirectUrl = allowedRedirect(query, instance, limits.handshakeRedirectUrlBytes);
  if (!redirectUrl) throw new ApiError('invalid_handshake');
  const [presented, another] = clients;
  const token = presented && !another && (await createHandshakeToken(presented, redirectUrl.origin, request));
  const cleared = clearedHandshakeCookie(instance);
  // A server that supports suffixed names sends this parameter, with any value.
  const suffix = query.has('suffixed_cookies') ? instance.cookieSuffix : '';
  const jwt = token
    ? await signHandshake([...handshakeCookies(instance, { ...token, suffix }), cleared], request)
    : await signedOutHandshakeOf(instance)([...handshakeSignedOutCookies(instance), cleared], now);
  return {
    status: 307,
    headers: { location: redirectUrl.href, 'referrer-policy': 'no-referrer' },
    cookies: [handshakeCookie(instance, jwt)],
  };
});
