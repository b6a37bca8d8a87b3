// Says what a request for a session token would find: a session that gets none is not active.
import { backendApi } from '../../shared/http/backend-api.ts';
import { requireSession } from '../../shared/sessions/session-record.ts';
import { sessionJson } from '../../shared/sessions/session-schema.ts';
import { withVerdict } from '../../shared/sessions/verdict.ts';

export const GetSession = backendApi('GetSession', async (request) => {
  const session = await requireSession(request.instance, request.pathId('sess', 'session_id'));
  return { body: sessionJson(await withVerdict(session, request), request) };
});
