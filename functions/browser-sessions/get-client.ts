// Answers 200 whatever the cookie, because clerk-js cannot start on a refusal.
import { ApiError } from '../../shared/base/errors.ts';
import { clearedCookies } from '../../shared/clients/client-cookie.ts';
import type { Answer } from '../../shared/http/answer.ts';
import { type FrontendRequest, frontendApi } from '../../shared/http/frontend-api.ts';
import { showClient } from '../../shared/sessions/browser-session.ts';
import { clientJson } from '../../shared/sessions/client-schema.ts';
import { pageOf, type Session } from '../../shared/sessions/session.ts';
import { signSessionToken } from '../../shared/signing/session-token.ts';

const NOBODY: Answer = { body: { response: null, client: null } };

/**
 * The reason, for the banner, because Clerk's session has no member for it. It is percent-encoded, because a header holds only ASCII
 * (RFC 9110 section 5.5).
 */
function reasonHeader(session: Session | undefined): Readonly<Record<string, string>> {
  return session?.reason === undefined ? {} : { 'impersonation-reason': encodeURIComponent(session.reason) };
}

/**
 * The client of this browser, with its live session, if any; null for an unknown browser.
 *
 * @throws `too_many_requests`, `service_unavailable`
 */
async function showClientOf(request: FrontendRequest, withSessionToken: boolean): Promise<Answer> {
  const { clients, instance, origin } = request;
  const [presented, another] = clients;
  if (!presented || another) return NOBODY;
  const shown = await showClient(presented, request);
  if (!shown.client) return shown.isLongStale ? { ...NOBODY, cookies: clearedCookies(instance) } : NOBODY;
  const { client, live } = shown;
  if (!live || !withSessionToken)
    return {
      body: { response: clientJson(client, live, request), client: null },
      headers: reasonHeader(live?.session),
    };
  const options = { origin: pageOf(live.session, origin, instance), mode: live.mode };
  const sessionToken = await signSessionToken(live.session, options, request);
  return { body: { response: clientJson(client, { ...live, sessionToken }, request), client: null } };
}

/** clerk-js starts without this answer when it is a 503, and tries again. A page on which it gets a 4xx does not start. */
function unavailable(error: unknown): unknown {
  const isThrottled = error instanceof ApiError && error.code === 'too_many_requests';
  return isThrottled ? new ApiError('service_unavailable').causedBy(error) : error;
}

/**
 * The answer of the operations that return this browser. clerk-js says its version, and gets a session token with the session: it deletes
 * the cookies of the session token when a page loads, and sets them again as soon as it has a token. Other callers, such as a countdown,
 * must not cost a signature.
 *
 * @throws `service_unavailable`; `too_many_requests`, for other callers than clerk-js
 */
export async function answerClient(request: FrontendRequest): Promise<Answer> {
  if (!request.query.has('_clerk_js_version')) return showClientOf(request, false);
  return showClientOf(request, true).catch((error: unknown) => {
    throw unavailable(error);
  });
}

export const GetClient = frontendApi('GetClient', answerClient);
