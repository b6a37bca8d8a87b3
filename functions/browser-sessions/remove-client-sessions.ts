// The browser stays the same client.
import { signedOutCookies } from '../../shared/clients/client-cookie.ts';
import { frontendApi } from '../../shared/http/frontend-api.ts';
import { clientJson } from '../../shared/sessions/client-schema.ts';
import { endOfEach, signOut } from '../../shared/sessions/sign-out.ts';

export const RemoveClientSessions = frontendApi('RemoveClientSessions', async (request) => {
  const client = await endOfEach(request, (presented) => signOut(presented, request));
  const response = clientJson(client, undefined, request);
  return { body: { response, client: null }, cookies: signedOutCookies(request.instance) };
});
