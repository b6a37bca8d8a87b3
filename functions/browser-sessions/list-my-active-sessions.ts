// A browser's session is listed only while it is live, so the answer is that of ListMySessions.
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { answerOwnSessions } from './list-my-sessions.ts';

export const ListMyActiveSessions = knownClientApi('ListMyActiveSessions', answerOwnSessions);
