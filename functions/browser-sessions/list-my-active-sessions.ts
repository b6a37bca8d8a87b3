// The session that ListMySessions lists is always active. Only its form is another one.
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { requireBrowserSession } from '../../shared/sessions/browser-session.ts';
import { activeSessionJson } from '../../shared/sessions/session-schema.ts';

export const ListMyActiveSessions = knownClientApi('ListMyActiveSessions', async (request) => {
  const { session } = await requireBrowserSession(request.client, request);
  return { body: [activeSessionJson(session, request)] };
});
