// Verifies tickets without redeeming them, and publishes the keys that verify session tokens.
import { dispatch } from './dispatch.ts';
import { ownInstance } from './own-instance.ts';
import { CreateSignUp } from './tickets/create-sign-up.ts';
import { GetJwks } from './tickets/get-jwks.ts';
import { ShowAcceptPage } from './tickets/show-accept-page.ts';

export const lambda = dispatch(ROUTES_OF_TICKETS, { CreateSignUp, ShowAcceptPage, GetJwks });
export const handler = lambda(ownInstance);
