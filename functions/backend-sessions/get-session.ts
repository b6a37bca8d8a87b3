import { backendApi } from '../../shared/http/backend-api.ts';
import { requireSession } from '../../shared/sessions/session-record.ts';
import { sessionJson } from '../../shared/sessions/session-schema.ts';

export const GetSession = backendApi('GetSession', async (request) => {
  const session = await requireSession(request.instance, request.pathId('sess', 'session_id'));
  return { body: sessionJson(session, request) };
});
