// DELETE /v1/client/sessions
// Signs this browser out; it stays the same client.
import { signedOutCookies } from '../../shared/clients/client-cookie.ts';
import { clientJson } from '../../shared/clients/client-wire.ts';
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { signOut } from './sign-out.ts';

export const removeClientSessions = knownClientApi('RemoveClientSessions', async (request) => {
  const browser = await signOut(request);
  return { body: { response: clientJson(browser, undefined, request.now), client: null }, cookies: signedOutCookies() };
});
