// The browser stays the same client.
import { signedOutCookies } from '../../shared/clients/client-cookie.ts';
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { clientJson } from '../../shared/sessions/client-schema.ts';
import { signOut } from '../../shared/sessions/sign-out.ts';

export const RemoveClientSessions = knownClientApi('RemoveClientSessions', async (request) => {
  const client = await signOut(request.client, request);
  const response = clientJson(client, undefined, request);
  return { body: { response, client: null }, cookies: signedOutCookies(request.instance) };
});
