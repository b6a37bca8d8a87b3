import { backendApi } from '../../shared/http/backend-api.ts';
import { requireSession } from '../../shared/sessions/list-sessions.ts';
import { sessionJson } from '../../shared/sessions/session-schema.ts';

export const GetSession = backendApi('GetSession', async (request) => {
  const session = await requireSession(request.pathId('sess', 'session_id'), request.instance);
  return { body: sessionJson(session, request) };
});
