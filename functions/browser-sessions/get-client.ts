// Answers 200 whatever the cookie, because clerk-js cannot start on anything else.
import { clearedCookies } from '../../shared/clients/client-cookie.ts';
import type { Answer } from '../../shared/http/answer.ts';
import { type FrontendRequest, frontendApi } from '../../shared/http/frontend-api.ts';
import { showClient } from '../../shared/sessions/browser-session.ts';
import { clientJson } from '../../shared/sessions/client-schema.ts';
import { signShownToken } from '../../shared/sessions/create-session-token.ts';
import { pageOf } from '../../shared/sessions/session.ts';

const NOBODY: Answer = { body: { response: null, client: null } };

/** The client of this browser, with its live session, if any; null for an unknown browser. */
export async function answerClient(request: FrontendRequest, withSessionToken: boolean): Promise<Answer> {
  const { clients, instance, origin } = request;
  const [presented, another] = clients;
  if (!presented || another) return NOBODY;
  const shown = await showClient(presented, request);
  if (!shown.client) return shown.isLongStale ? { ...NOBODY, cookies: clearedCookies(instance) } : NOBODY;
  const { client, live } = shown;
  if (!live || !withSessionToken) return { body: { response: clientJson(client, live, request), client: null } };
  const options = { origin: pageOf(live.session, origin, instance) };
  const sessionToken = await signShownToken(live.session, options, request);
  return { body: { response: clientJson(client, { ...live, sessionToken }, request), client: null } };
}

/**
 * clerk-js deletes the cookies of the session token when a page loads, and sets them again as soon as it has a token. With a token in
 * this answer, the page has them at once. Other callers, such as a countdown, must not cost a signature.
 */
function isClerkJs(query: URLSearchParams): boolean {
  return query.has('_clerk_js_version');
}

export const GetClient = frontendApi('GetClient', (request) => answerClient(request, isClerkJs(request.query)));
