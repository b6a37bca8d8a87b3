// The answer is a bare array, or with `paginated=true` a page with the total count.
import { backendApi } from '../../shared/http/backend-api.ts';
import { listSessions } from '../../shared/sessions/list-sessions.ts';
import { parseListSessions, sessionJson } from '../../shared/sessions/session-schema.ts';

export const ListSessions = backendApi('ListSessions', async (request) => {
  const { paginated, ...params } = parseListSessions(request.query);
  const { sessions, totalCount } = await listSessions(params, request);
  const data = sessions.map((session) => sessionJson(session, request));
  return { body: paginated ? { data, total_count: totalCount } : data };
});
