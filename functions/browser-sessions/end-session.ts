import { frontendApi } from '../../shared/http/frontend-api.ts';
import { endOfEach, signOutOf } from '../../shared/sessions/sign-out.ts';
import { answerSignedOut } from './answer-session.ts';

export const EndSession = frontendApi('EndSession', async (request) => {
  const id = request.pathId('sess', 'session_id');
  const end = { id, status: 'ended', cause: 'end' } as const;
  return answerSignedOut(await endOfEach(request, (client) => signOutOf(end, client, request)), request);
});
