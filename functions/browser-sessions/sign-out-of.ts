import { signedOutCookies } from '../../shared/clients/client-cookie.ts';
import { clientJson } from '../../shared/clients/client-wire.ts';
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import type { HttpHandler } from '../../shared/http/operation.ts';
import { endSession } from '../../shared/sessions/end-session.ts';
import type { SessionEnd } from '../../shared/sessions/session-record.ts';
import { clientSessionJson } from '../../shared/sessions/session-wire.ts';
import { getUser } from '../../shared/users/get-user.ts';
import { currentClient } from './sign-out.ts';

/** Ending and removing a session differ in the status they leave, and in nothing else. */
export function signOutOf(
  operation: 'EndSession' | 'RemoveSession',
  end: Pick<SessionEnd, 'status' | 'cause'>,
): HttpHandler {
  return knownClientApi(operation, async (request) => {
    const { pathParameter, client, caller, now } = request;
    const browser = await currentClient(request);
    const session = await endSession(pathParameter('session_id'), client, { ...end, at: now, by: caller });
    // The session is over by now: failing to show its user must not look like failing to end it.
    const user = await getUser(session.userId).catch(() => undefined);
    const shown = { session, user };
    return {
      body: { response: clientSessionJson(shown, now), client: browser ? clientJson(browser, undefined, now) : null },
      cookies: signedOutCookies(),
    };
  });
}
