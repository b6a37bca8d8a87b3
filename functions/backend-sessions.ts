// Reads sessions for servers, and creates session tokens for them.
import { CreateBackendSessionToken } from './backend-sessions/create-backend-session-token.ts';
import { CreateTestingToken } from './backend-sessions/create-testing-token.ts';
import { GetBackendJwks } from './backend-sessions/get-backend-jwks.ts';
import { GetSession } from './backend-sessions/get-session.ts';
import { ListSessions } from './backend-sessions/list-sessions.ts';
import { dispatch } from './dispatch.ts';
import { ownInstance } from './own-instance.ts';

export const lambda = dispatch(ROUTES_OF_BACKEND_SESSIONS, {
  ListSessions,
  GetSession,
  CreateBackendSessionToken,
  GetBackendJwks,
  CreateTestingToken,
});
export const handler = lambda(ownInstance);
