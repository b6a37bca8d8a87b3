// GET /v1/client/sign_ins/{sign_in_id}
// The sign-in that started the session of this browser. Never signs and never counts as activity.
import { ApiError } from '../../shared/base/errors.ts';
import { siblingId } from '../../shared/base/ids.ts';
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { completedSignInJson } from '../../shared/sign-ins/sign-in-wire.ts';
import { liveSessionOf } from './live-session.ts';

export const getSignIn = knownClientApi('GetSignIn', async ({ pathParameter, client, now }) => {
  const live = await liveSessionOf(client, now);
  const isTheirs = live && siblingId('sia', live.session.id) === pathParameter('sign_in_id');
  if (!isTheirs) throw new ApiError('resource_not_found');
  return { body: completedSignInJson({ ...live, sessionToken: undefined }, now) };
});
