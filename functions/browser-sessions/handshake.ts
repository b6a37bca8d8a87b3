// When the session token of a server-rendered page has expired, the page's server redirects the browser here. The browser returns with a
// new session token, or signed out. Does not count as activity, so a page that redirects in a loop does not keep a session active.
import { ApiError } from '../../shared/base/errors.ts';
import {
  clearedHandshakeCookie,
  handshakeCookie,
  handshakeCookies,
  handshakeSignedOutCookies,
} from '../../shared/clients/client-cookie.ts';
import { frontendApi } from '../../shared/http/frontend-api.ts';
import { allowedRedirect } from '../../shared/http/redirect.ts';
import { createHandshakeToken } from '../../shared/sessions/create-session-token.ts';
import { signHandshake } from '../../shared/signing/handshake.ts';

export const Handshake = frontendApi('Handshake', async (request) => {
  const { query, client, instance } = request;
  const redirectUrl = allowedRedirect(query, instance);
  if (!redirectUrl) throw new ApiError('invalid_handshake');
  const presented = typeof client === 'string' ? undefined : client;
  const token = presented && (await createHandshakeToken(presented, redirectUrl.origin, request));
  // A server that supports suffixed names sends this parameter, with any value.
  const suffix = query.has('suffixed_cookies') ? instance.cookieSuffix : '';
  const cookies = token ? handshakeCookies(instance, { ...token, suffix }) : handshakeSignedOutCookies(instance);
  const jwt = await signHandshake([...cookies, clearedHandshakeCookie(instance)], request);
  return {
    status: 307,
    headers: { location: redirectUrl.href, 'referrer-policy': 'no-referrer' },
    cookies: [handshakeCookie(instance, jwt)],
  };
});
