// DELETE /v1/client
// Signs this browser out and lets it forget who it was.
import { clearedCookies } from '../../shared/clients/client-cookie.ts';
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { signOut } from './sign-out.ts';

export const deleteClient = knownClientApi('DeleteClient', async (request) => {
  await signOut(request);
  return { body: { response: null, client: null }, cookies: clearedCookies() };
});
