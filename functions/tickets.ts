// Verifies tickets without redeeming them, and publishes the keys that verify session tokens.
import { dispatch } from './dispatch.ts';
import { ownInstance } from './own-instance.ts';
import { AcceptTicket } from './tickets/accept-ticket.ts';
import { CreateSignUp } from './tickets/create-sign-up.ts';
import { GetJwks } from './tickets/get-jwks.ts';

export const lambda = dispatch('tickets', { CreateSignUp, AcceptTicket, GetJwks });
export const handler = lambda(ownInstance);
