// GET /v1/sessions
// A bare array, or with `paginated=true` a page that says how many there are.
import { backendApi } from '../../shared/http/backend-api.ts';
import * as sessions from '../../shared/sessions/list-sessions.ts';
import { parseListSessions, sessionJson } from '../../shared/sessions/session-wire.ts';

export const listSessions = backendApi('ListSessions', async ({ query, now }) => {
  const { paginated, ...params } = parseListSessions(query);
  const page = await sessions.listSessions(params, now);
  const data = page.sessions.map((session) => sessionJson(session, now));
  return { body: paginated ? { data, total_count: page.totalCount } : data };
});
