import { clearedCookies } from '../../shared/clients/client-cookie.ts';
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { signOut } from '../../shared/sessions/sign-out.ts';

export const DeleteClient = knownClientApi('DeleteClient', async (request) => {
  await signOut(request.client, request);
  return { body: { response: null, client: null }, cookies: clearedCookies(request.instance) };
});
