// What anyone may ask that takes a look at a ticket or at the public keys.
import { dispatch } from './dispatch.ts';
import { acceptTicket } from './public/accept-ticket.ts';
import { createSignUp } from './public/create-sign-up.ts';
import { getJwks } from './public/get-jwks.ts';

export const handler = dispatch('public', {
  CreateSignUp: createSignUp,
  AcceptTicket: acceptTicket,
  GetJwks: getJwks,
});
