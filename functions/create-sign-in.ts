// POST /v1/client/sign_ins
// Redeems a ticket, once: signs this browser in as the target and ends its other session.
import { signedInCookies } from '../shared/clients/client-cookie.ts';
import { frontendApi, unambiguousClient } from '../shared/http/frontend-api.ts';
import { completedSignInJson, parseCreateSignIn } from '../shared/sign-ins/sign-in-wire.ts';
import { signInWithTicket } from '../shared/sign-ins/sign-in-with-ticket.ts';

export const handler = frontendApi('CreateSignIn', async (request) => {
  const { origin, caller, now } = request;
  const { ticket } = parseCreateSignIn(request.form());
  const signIn = await signInWithTicket({ ticket, client: unambiguousClient(request.client), origin, caller }, now);
  return {
    body: completedSignInJson(signIn, now),
    cookies: signedInCookies(signIn.client.id, signIn.clientSecret, now),
  };
});
