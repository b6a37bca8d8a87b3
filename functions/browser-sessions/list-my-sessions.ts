// Lists only the session of this browser: an impersonator must not see the user's other sessions.
import type { Answer } from '../../shared/http/answer.ts';
import { type KnownClientRequest, knownClientApi } from '../../shared/http/frontend-api.ts';
import { requireBrowserSession } from '../../shared/sessions/browser-session.ts';
import { ownSessionJson } from '../../shared/sessions/session-schema.ts';

/** The session of this browser as a list. */
export async function answerOwnSessions(request: KnownClientRequest): Promise<Answer> {
  const { session } = await requireBrowserSession(request.client, request);
  return { body: [ownSessionJson(session, request)] };
}

export const ListMySessions = knownClientApi('ListMySessions', answerOwnSessions);
