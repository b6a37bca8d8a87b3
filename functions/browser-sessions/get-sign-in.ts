// Never signs and never counts as activity, so no client accompanies the sign-in.
import { ApiError } from '../../shared/base/errors.ts';
import { siblingId } from '../../shared/base/ids.ts';
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { getBrowserSession } from '../../shared/sessions/browser-session.ts';
import { signInJson } from '../../shared/sign-ins/sign-in-schema.ts';

export const GetSignIn = knownClientApi('GetSignIn', async (request) => {
  const live = await getBrowserSession(request.client, request);
  const isOwn = live && siblingId('sia', live.session.id) === request.pathParameter('sign_in_id');
  if (!isOwn) throw new ApiError('resource_not_found');
  return { body: { response: signInJson(live), client: null } };
});
