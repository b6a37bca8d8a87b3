import { clearedCookies } from '../../shared/clients/client-cookie.ts';
import { frontendApi } from '../../shared/http/frontend-api.ts';
import { endOfEach, signOut } from '../../shared/sessions/sign-out.ts';

export const DeleteClient = frontendApi('DeleteClient', async (request) => {
  await endOfEach(request, (client) => signOut(client, request));
  return { body: { response: null, client: null }, cookies: clearedCookies(request.instance) };
});
