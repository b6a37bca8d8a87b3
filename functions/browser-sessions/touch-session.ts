// POST /v1/client/sessions/{session_id}/touch
// Says that the user is active, which moves the inactivity limit and never the fixed end.

import { both } from '../../shared/base/both.ts';
import { logDropped } from '../../shared/base/log.ts';
import { getClient } from '../../shared/clients/client-record.ts';
import { clientJson } from '../../shared/clients/client-wire.ts';
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { mintSessionToken } from '../../shared/sessions/create-session-token.ts';
import { clientSessionJson } from '../../shared/sessions/session-wire.ts';
import * as sessions from '../../shared/sessions/touch-session.ts';

export const touchSession = knownClientApi('TouchSession', async ({ pathParameter, client, origin, now }) => {
  const session = await sessions.touchSession(pathParameter('session_id'), client, now);
  // The session is touched by now: failing to show its client must not look like failing to touch it.
  const [{ user, sessionToken, refusal }, browser] = await both(
    mintSessionToken(session, { origin: origin ?? session.origin, whenUserIsOut: 'authentication_invalid' }, now),
    getClient(client.id).catch(() => undefined),
  );
  if (refusal) logDropped('session_token', refusal);
  const shown = { session, user, sessionToken };
  return {
    body: { response: clientSessionJson(shown, now), client: browser ? clientJson(browser, shown, now) : null },
  };
});
