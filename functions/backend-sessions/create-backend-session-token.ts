import { backendApi } from '../../shared/http/backend-api.ts';
import { createBackendSessionToken } from '../../shared/sessions/create-session-token.ts';
import { parseCreateBackendSessionToken, tokenJson } from '../../shared/sessions/session-schema.ts';

export const CreateBackendSessionToken = backendApi('CreateBackendSessionToken', async (request) => {
  const { lifeInSeconds } = parseCreateBackendSessionToken(request.json());
  const id = request.pathId('sess', 'session_id');
  return { body: tokenJson(await createBackendSessionToken(id, lifeInSeconds, request)) };
});
