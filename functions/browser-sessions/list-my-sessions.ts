// Lists only the session of this browser: an impersonator must not see the user's other sessions.
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { requireBrowserSession } from '../../shared/sessions/browser-session.ts';
import { ownSessionJson } from '../../shared/sessions/session-schema.ts';

export const ListMySessions = knownClientApi('ListMySessions', async (request) => ({
  body: [ownSessionJson(await requireBrowserSession(request.client, request), request)],
}));
