// POST /v1/client/sign_ins
// Redeems a ticket, once: signs this browser in as the target and ends its other session.
import { clientToken, signedInCookies } from '../shared/clients/client-cookie.ts';
import { frontendApi, unambiguousClient } from '../shared/http/frontend-api.ts';
import { completedSignInJson, parseCreateSignIn } from '../shared/sign-ins/sign-in-wire.ts';
import { signInWithTicket } from '../shared/sign-ins/sign-in-with-ticket.ts';

export const handler = frontendApi('CreateSignIn', async (request) => {
  const { origin, caller, now } = request;
  const { ticket } = parseCreateSignIn(request.form());
  const signIn = await signInWithTicket({ ticket, client: unambiguousClient(request.client), origin, caller }, now);
  const { client, clientSecret } = signIn;
  const body = completedSignInJson(signIn, now);
  // Told only to those without an Origin: a page's scripts must never see what its cookie holds.
  if (request.isNative) return { body, headers: { authorization: clientToken(client.id, clientSecret) } };
  return { body, cookies: signedInCookies(client.id, clientSecret, now) };
});
