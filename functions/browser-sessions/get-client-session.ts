// Never signs and never counts as activity, so that a page can show a countdown from it.
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { showBrowserSession } from '../../shared/sessions/browser-session.ts';
import { clientJson } from '../../shared/sessions/client-schema.ts';
import { clientSessionJson } from '../../shared/sessions/session-schema.ts';

export const GetClientSession = knownClientApi('GetClientSession', async (request) => {
  const shown = await showBrowserSession(request.pathId('sess', 'session_id'), request.client, request);
  const client = shown.client ? clientJson(shown.client, shown, request) : null;
  return { body: { response: clientSessionJson(shown, request), client } };
});
