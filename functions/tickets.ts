// What anyone may ask that takes a look at a ticket or at the public keys.
import { dispatch } from './dispatch.ts';
import { acceptTicket } from './tickets/accept-ticket.ts';
import { createSignUp } from './tickets/create-sign-up.ts';
import { getJwks } from './tickets/get-jwks.ts';

export const handler = dispatch('tickets', {
  CreateSignUp: createSignUp,
  AcceptTicket: acceptTicket,
  GetJwks: getJwks,
});
