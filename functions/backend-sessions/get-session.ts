// GET /v1/sessions/{session_id}
import { backendApi } from '../../shared/http/backend-api.ts';
import * as sessions from '../../shared/sessions/list-sessions.ts';
import { sessionJson } from '../../shared/sessions/session-wire.ts';

export const getSession = backendApi('GetSession', async ({ pathParameter, now }) => {
  return { body: sessionJson(await sessions.getKnownSession(pathParameter('session_id')), now) };
});
