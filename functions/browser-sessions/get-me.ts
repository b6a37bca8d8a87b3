import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { requireBrowserSession } from '../../shared/sessions/browser-session.ts';
import { clientJson } from '../../shared/sessions/client-schema.ts';
import { publicUserJson } from '../../shared/users/user-schema.ts';

export const GetMe = knownClientApi('GetMe', async (request) => {
  const live = await requireBrowserSession(request.client, request);
  return { body: { response: publicUserJson(live.user), client: clientJson(live.client, live, request) } };
});
