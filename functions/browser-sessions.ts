// What a signed-in browser may do with its own session.
import { createSessionToken } from './browser-sessions/create-session-token.ts';
import { endSession } from './browser-sessions/end-session.ts';
import { getClient } from './browser-sessions/get-client.ts';
import { getClientSession } from './browser-sessions/get-client-session.ts';
import { removeClientSessions } from './browser-sessions/remove-client-sessions.ts';
import { removeSession } from './browser-sessions/remove-session.ts';
import { touchSession } from './browser-sessions/touch-session.ts';
import { dispatch } from './dispatch.ts';

export const handler = dispatch('browser-sessions', {
  GetClient: getClient,
  RemoveClientSessions: removeClientSessions,
  GetClientSession: getClientSession,
  CreateSessionToken: createSessionToken,
  TouchSession: touchSession,
  EndSession: endSession,
  RemoveSession: removeSession,
});
