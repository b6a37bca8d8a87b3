// Never signs and never counts as activity, so no client accompanies the user.
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { requireBrowserSession } from '../../shared/sessions/browser-session.ts';
import { publicUserJson } from '../../shared/users/user-schema.ts';

export const GetMe = knownClientApi('GetMe', async (request) => {
  const { user } = await requireBrowserSession(request.client, request);
  return { body: { response: publicUserJson(user), client: null } };
});
