// Redeems tickets: for clerk-js, and at the press of the accept page's button.
import { AcceptTicket } from './create-sign-in/accept-ticket.ts';
import { CreateSignIn } from './create-sign-in/create-sign-in.ts';
import { dispatch } from './dispatch.ts';
import { ownInstance } from './own-instance.ts';

export const lambda = dispatch(ROUTES_OF_CREATE_SIGN_IN, { CreateSignIn, AcceptTicket });
export const handler = lambda(ownInstance);
