// ListMySessions lists a session only while it is live, so this operation answers the same.
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { answerOwnSessions } from './list-my-sessions.ts';

export const ListMyActiveSessions = knownClientApi('ListMyActiveSessions', answerOwnSessions);
