import { signedInCookies } from '../../shared/clients/client-cookie.ts';
import { clientToken } from '../../shared/clients/client-secret.ts';
import { frontendApi, unambiguousClient } from '../../shared/http/frontend-api.ts';
import { completedSignInJson, parseCreateSignIn } from '../../shared/sign-ins/sign-in-schema.ts';
import { signInWithTicket } from '../../shared/sign-ins/sign-in-with-ticket.ts';

export const CreateSignIn = frontendApi('CreateSignIn', async (request) => {
  const { instance, origin, now } = request;
  const { ticket } = parseCreateSignIn(request.form());
  const signIn = await signInWithTicket({ ticket, client: unambiguousClient(request.clients), origin }, request);
  const { client, clientSecret: secret } = signIn;
  const body = completedSignInJson(signIn, request);
  // Native clients only (no `Origin`): scripts in a page must never see the HttpOnly cookie's value.
  if (request.isNative) return { body, headers: { authorization: clientToken(client.id, secret) } };
  return { body, cookies: signedInCookies(instance, { id: client.id, secret }, now) };
});
