// Moves the inactivity limit and never the fixed end.
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { clientJson } from '../../shared/sessions/client-schema.ts';
import { clientSessionJson } from '../../shared/sessions/session-schema.ts';
import { touchAndShowSession } from '../../shared/sessions/touch-session.ts';

export const TouchSession = knownClientApi('TouchSession', async (request) => {
  const shown = await touchAndShowSession(request.pathId('sess', 'session_id'), request.client, request);
  const client = shown.client ? clientJson(shown.client, shown, request) : null;
  return { body: { response: clientSessionJson(shown, request), client } };
});
