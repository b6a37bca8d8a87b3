// What a customer's server may read of sessions, and the session tokens it may ask for.
import { createBackendSessionToken } from './backend-sessions/create-backend-session-token.ts';
import { getBackendJwks } from './backend-sessions/get-backend-jwks.ts';
import { getSession } from './backend-sessions/get-session.ts';
import { listSessions } from './backend-sessions/list-sessions.ts';
import { dispatch } from './dispatch.ts';

export const handler = dispatch('backend-sessions', {
  ListSessions: listSessions,
  GetSession: getSession,
  CreateBackendSessionToken: createBackendSessionToken,
  GetBackendJwks: getBackendJwks,
});
