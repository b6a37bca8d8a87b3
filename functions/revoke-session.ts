import { backendApi } from '../shared/http/backend-api.ts';
import { revokeSession } from '../shared/sessions/end-session.ts';
import { sessionJson } from '../shared/sessions/session-schema.ts';
import { ownInstance } from './own-instance.ts';
import { single } from './single.ts';

const RevokeSession = backendApi('RevokeSession', async (request) => {
  request.checkNoParams();
  return { body: sessionJson(await revokeSession(request.pathId('sess', 'session_id'), request), request) };
});

export const lambda = single(ROUTES_OF_REVOKE_SESSION, RevokeSession);
export const handler = lambda(ownInstance);
