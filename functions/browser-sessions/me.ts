// GET /v1/me, /v1/me/sessions and /v1/me/sessions/active
// Who this browser is signed in as. Of the user's sessions it shows this browser's only: who acts for a user has no business
// with the user's own browsers.

import { ApiError } from '../../shared/base/errors.ts';
import { clientJson } from '../../shared/clients/client-wire.ts';
import { type KnownClientRequest, knownClientApi } from '../../shared/http/frontend-api.ts';
import { sessionActivityJson, sessionJson } from '../../shared/sessions/session-wire.ts';
import { publicUserJson } from '../../shared/users/user-wire.ts';
import { liveSessionOf } from './live-session.ts';

async function requireLive({ client, now }: KnownClientRequest) {
  const live = await liveSessionOf(client, now);
  if (!live) throw new ApiError('authentication_invalid');
  return live;
}

export const getMe = knownClientApi('GetMe', async (request) => {
  const live = await requireLive(request);
  return { body: { response: publicUserJson(live.user), client: clientJson(live.client, live, request.now) } };
});

async function sessionList(request: KnownClientRequest) {
  const { session } = await requireLive(request);
  return { body: [{ ...sessionJson(session, request.now), latest_activity: sessionActivityJson(session) }] };
}

export const listMySessions = knownClientApi('ListMySessions', sessionList);
export const listMyActiveSessions = knownClientApi('ListMyActiveSessions', sessionList);
