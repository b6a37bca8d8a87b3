// POST /v1/sessions/{session_id}/revoke
// Ends a session, whoever's it is. One that was over keeps the end it had.

import { parseNoParams } from '../shared/base/params.ts';
import { backendApi } from '../shared/http/backend-api.ts';
import { revokeSession } from '../shared/sessions/end-session.ts';
import { sessionJson } from '../shared/sessions/session-wire.ts';

export const handler = backendApi('RevokeSession', async ({ pathParameter, json, caller, now }) => {
  parseNoParams(json());
  return { body: sessionJson(await revokeSession(pathParameter('session_id'), caller, now), now) };
});
