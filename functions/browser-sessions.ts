// The operations of a signed-in browser on its own session.
import { CreateClient } from './browser-sessions/create-client.ts';
import { CreateSessionToken } from './browser-sessions/create-session-token.ts';
import { DeleteClient } from './browser-sessions/delete-client.ts';
import { EndSession } from './browser-sessions/end-session.ts';
import { GetClient } from './browser-sessions/get-client.ts';
import { GetClientSession } from './browser-sessions/get-client-session.ts';
import { GetMe } from './browser-sessions/get-me.ts';
import { GetSignIn } from './browser-sessions/get-sign-in.ts';
import { Handshake } from './browser-sessions/handshake.ts';
import { ListMyActiveSessions } from './browser-sessions/list-my-active-sessions.ts';
import {
  ListMyOrganizationInvitations,
  ListMyOrganizationMemberships,
  ListMyOrganizationSuggestions,
} from './browser-sessions/list-my-organizations.ts';
import { ListMySessions } from './browser-sessions/list-my-sessions.ts';
import { PutClient } from './browser-sessions/put-client.ts';
import { RemoveClientSessions } from './browser-sessions/remove-client-sessions.ts';
import { RemoveSession } from './browser-sessions/remove-session.ts';
import { TouchSession } from './browser-sessions/touch-session.ts';
import { dispatch } from './dispatch.ts';
import { ownInstance } from './own-instance.ts';

export const lambda = dispatch(ROUTES_OF_BROWSER_SESSIONS, {
  GetClient,
  CreateClient,
  PutClient,
  DeleteClient,
  Handshake,
  GetSignIn,
  RemoveClientSessions,
  GetClientSession,
  CreateSessionToken,
  TouchSession,
  EndSession,
  RemoveSession,
  GetMe,
  ListMySessions,
  ListMyActiveSessions,
  ListMyOrganizationMemberships,
  ListMyOrganizationInvitations,
  ListMyOrganizationSuggestions,
});
export const handler = lambda(ownInstance);
