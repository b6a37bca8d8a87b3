// What a signed-in browser may do with its own session.
import { createSessionToken } from './browser-sessions/create-session-token.ts';
import { deleteClient } from './browser-sessions/delete-client.ts';
import { endSession } from './browser-sessions/end-session.ts';
import { createClient, getClient, putClient } from './browser-sessions/get-client.ts';
import { getClientSession } from './browser-sessions/get-client-session.ts';
import { getSignIn } from './browser-sessions/get-sign-in.ts';
import { handshake } from './browser-sessions/handshake.ts';
import { getMe, listMyActiveSessions, listMySessions } from './browser-sessions/me.ts';
import { removeClientSessions } from './browser-sessions/remove-client-sessions.ts';
import { removeSession } from './browser-sessions/remove-session.ts';
import { touchSession } from './browser-sessions/touch-session.ts';
import { dispatch } from './dispatch.ts';

export const handler = dispatch('browser-sessions', {
  GetClient: getClient,
  CreateClient: createClient,
  PutClient: putClient,
  DeleteClient: deleteClient,
  Handshake: handshake,
  GetSignIn: getSignIn,
  RemoveClientSessions: removeClientSessions,
  GetClientSession: getClientSession,
  CreateSessionToken: createSessionToken,
  TouchSession: touchSession,
  EndSession: endSession,
  RemoveSession: removeSession,
  GetMe: getMe,
  ListMySessions: listMySessions,
  ListMyActiveSessions: listMyActiveSessions,
});
