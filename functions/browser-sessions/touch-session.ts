// Moves the inactivity limit and never the fixed end.
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { touchAndShowSession } from '../../shared/sessions/touch-session.ts';
import { answerSession } from './answer-session.ts';

export const TouchSession = knownClientApi('TouchSession', async (request) => {
  const id = request.pathId('sess', 'session_id');
  return answerSession(await touchAndShowSession(id, request.client, request), request);
});
