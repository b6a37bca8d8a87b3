// POST /v1/sessions/{session_id}/tokens
// A session token for a server. It names no page (`azp`) and does not count as activity.
import { ApiError } from '../../shared/base/errors.ts';
import { backendApi } from '../../shared/http/backend-api.ts';
import { createSessionToken } from '../../shared/sessions/create-session-token.ts';
import { getKnownSession } from '../../shared/sessions/list-sessions.ts';
import { statusAt } from '../../shared/sessions/session.ts';
import { parseCreateBackendSessionToken, tokenJson } from '../../shared/sessions/session-wire.ts';

export const createBackendSessionToken = backendApi(
  'CreateBackendSessionToken',
  async ({ pathParameter, json, now }) => {
    const { lifeInSeconds } = parseCreateBackendSessionToken(json());
    const session = await getKnownSession(pathParameter('session_id'));
    if (statusAt(session, now) !== 'active') throw new ApiError('resource_not_found');
    return {
      body: tokenJson(await createSessionToken(session, { lifeInSeconds, whenUserIsOut: 'resource_not_found' }, now)),
    };
  },
);
