import { clearedCookies } from '../../shared/clients/client-cookie.ts';
import { frontendApi } from '../../shared/http/frontend-api.ts';
import { endOfEach, signOut } from '../../shared/sessions/sign-out.ts';

export const DeleteClient = frontendApi('DeleteClient', async (request) => {
  const answer = { body: { response: null, client: null } };
  // No cookie is deleted: this can be a late answer to a browser that has signed in meanwhile.
  if (request.clients.length === 0 && request.doubtful.length === 0) return answer;
  await endOfEach(request, (client) => signOut(client, request));
  return { ...answer, cookies: clearedCookies(request.instance) };
});
