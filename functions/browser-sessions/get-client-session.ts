// GET /v1/client/sessions/{session_id}
// A live session of this browser. Never signs and never counts as activity, so that a countdown can be shown from it.
import { both } from '../../shared/base/both.ts';
import { ApiError } from '../../shared/base/errors.ts';
import { getClient } from '../../shared/clients/client-record.ts';
import { clientJson } from '../../shared/clients/client-wire.ts';
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { clientSessionJson } from '../../shared/sessions/session-wire.ts';
import { getLiveSession } from '../../shared/sessions/touch-session.ts';
import { getUser } from '../../shared/users/get-user.ts';
import { maySessionGoOn } from '../../shared/users/user.ts';

export const getClientSession = knownClientApi('GetClientSession', async ({ pathParameter, client, now }) => {
  const session = await getLiveSession(pathParameter('session_id'), client, now);
  const [user, browser] = await both(getUser(session.userId), getClient(client.id));
  if (!user || !maySessionGoOn(user, session.createdAt)) throw new ApiError('authentication_invalid');
  const shown = { session, user };
  return {
    body: { response: clientSessionJson(shown, now), client: browser ? clientJson(browser, shown, now) : null },
  };
});
