// Moves the inactivity limit and never the fixed end.
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { checkTouchSession } from '../../shared/sessions/session-schema.ts';
import { touchAndShowSession } from '../../shared/sessions/touch-session.ts';
import { answerSession } from './answer-session.ts';

export const TouchSession = knownClientApi('TouchSession', async (request) => {
  const id = request.pathId('sess', 'session_id');
  checkTouchSession(request.form());
  return answerSession(await touchAndShowSession(id, request.client, request), request);
});
