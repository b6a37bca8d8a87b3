// GET /v1/client
// Who this browser is signed in as. Answers 200 whatever the cookie, because clerk-js cannot start on anything else.

import { logDropped } from '../../shared/base/log.ts';
import type { EpochMs } from '../../shared/base/time.ts';
import { hasCurrentSecret, isLongStale } from '../../shared/clients/client.ts';
import { clearedCookies } from '../../shared/clients/client-cookie.ts';
import { getClient as getStoredClient } from '../../shared/clients/client-record.ts';
import { clientJson } from '../../shared/clients/client-wire.ts';
import type { Answer } from '../../shared/http/answer.ts';
import { type FrontendRequest, frontendApi } from '../../shared/http/frontend-api.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { signSessionToken } from '../../shared/signing/session-token.ts';
import { shownSessionOf } from './live-session.ts';

const NOBODY: Answer = { body: { response: null, client: null } };

async function currentClient(request: FrontendRequest, withSessionToken: boolean): Promise<Answer> {
  const { client: claimed, origin, now } = request;
  if (typeof claimed === 'string') return NOBODY;
  const client = await getStoredClient(claimed.id);
  // Its cookies stay: this may be a late answer, and the browser signed in meanwhile.
  if (!client) return NOBODY;
  if (!hasCurrentSecret(client, claimed)) {
    return isLongStale(client.rotatedAt, now) ? { ...NOBODY, cookies: clearedCookies() } : NOBODY;
  }
  const shown = await shownSessionOf(client, now);
  const sessionToken = shown && withSessionToken ? await tokenFor(shown.session, origin, now) : undefined;
  return { body: { response: clientJson(client, shown && { ...shown, sessionToken }, now), client: null } };
}

/**
 * clerk-js drops the session token's cookies when a page loads, until it has a token again. With one in this answer a page is
 * signed in from its first moment on; a countdown that asks the same question must not cost a signature.
 */
function isClerkJs(query: URLSearchParams): boolean {
  return query.has('_clerk_js_version');
}

/** Without a token clerk-js asks for one next. */
async function tokenFor(session: Session, origin: string | undefined, now: EpochMs): Promise<string | undefined> {
  return signSessionToken(session, { origin: origin ?? session.origin }, now).catch((error: unknown) => {
    logDropped('session_token', error);
    return undefined;
  });
}

export const getClient = frontendApi('GetClient', (request) => currentClient(request, isClerkJs(request.query)));

// PUT and POST /v1/client
// A client comes into being by signing in, so there is nothing to create: the browser is told who it is.
export const createClient = frontendApi('CreateClient', (request) => currentClient(request, false));
export const putClient = frontendApi('PutClient', (request) => currentClient(request, false));
