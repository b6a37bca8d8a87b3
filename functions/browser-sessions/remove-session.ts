import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { signOutOf } from '../../shared/sessions/sign-out.ts';
import { answerSignedOut } from './answer-session.ts';

export const RemoveSession = knownClientApi('RemoveSession', async (request) => {
  const id = request.pathId('sess', 'session_id');
  return answerSignedOut(await signOutOf({ id, status: 'removed', cause: 'remove' }, request.client, request), request);
});
