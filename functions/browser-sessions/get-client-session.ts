// Never signs and never counts as activity, so that a page can show a countdown from it. So no client accompanies the session.
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { showBrowserSession } from '../../shared/sessions/browser-session.ts';
import { answerSession } from './answer-session.ts';

export const GetClientSession = knownClientApi('GetClientSession', async (request) => {
  const id = request.pathId('sess', 'session_id');
  return answerSession(await showBrowserSession(id, request.client, request), request);
});
