// POST /v1/client/sessions/{session_id}/tokens
// A fresh 60-second session token. Counts as activity unless the page says that nobody looks at it.

import { knownClientApi } from '../../shared/http/frontend-api.ts';
import * as sessions from '../../shared/sessions/create-session-token.ts';
import { isActiveTab, tokenJson } from '../../shared/sessions/session-wire.ts';
import { getLiveSession, touchSession } from '../../shared/sessions/touch-session.ts';

export const createSessionToken = knownClientApi(
  'CreateSessionToken',
  async ({ pathParameter, client, form, origin, now }) => {
    const use = isActiveTab(form().get('tab_state')) ? touchSession : getLiveSession;
    const session = await use(pathParameter('session_id'), client, now);
    const sessionToken = await sessions.createSessionToken(
      session,
      { origin: origin ?? session.origin, whenUserIsOut: 'authentication_invalid' },
      now,
    );
    return { body: tokenJson(sessionToken) };
  },
);
