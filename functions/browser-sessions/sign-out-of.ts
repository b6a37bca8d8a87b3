import { signedOutCookies } from '../../shared/clients/client-cookie.ts';
import { getClient } from '../../shared/clients/client-record.ts';
import { clientJson } from '../../shared/clients/client-wire.ts';
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import type { HttpHandler } from '../../shared/http/operation.ts';
import { endSession } from '../../shared/sessions/end-session.ts';
import type { SessionEnd } from '../../shared/sessions/session-record.ts';
import { clientSessionJson } from '../../shared/sessions/session-wire.ts';
import { getUser } from '../../shared/users/get-user.ts';

/** Ending and removing a session differ in the status they leave, and in nothing else. */
export function signOutOf(
  operation: 'EndSession' | 'RemoveSession',
  end: Pick<SessionEnd, 'status' | 'cause'>,
): HttpHandler {
  return knownClientApi(operation, async ({ pathParameter, client, caller, now }) => {
    const session = await endSession(pathParameter('session_id'), client, { ...end, at: now, by: caller });
    // The session is over by now: failing to show it must not look like failing to end it.
    const [user, browser] = await Promise.allSettled([getUser(session.userId), getClient(client.id)]);
    const shown = { session, user: user.status === 'fulfilled' ? user.value : undefined };
    const known = browser.status === 'fulfilled' ? browser.value : undefined;
    return {
      body: { response: clientSessionJson(shown, now), client: known ? clientJson(known, undefined, now) : null },
      cookies: signedOutCookies(),
    };
  });
}
