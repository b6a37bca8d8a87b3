// Counts as activity, unless the page is in the background.
import { both } from '../../shared/base/both.ts';
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { requireUsableSession } from '../../shared/sessions/browser-session.ts';
import { createSessionToken } from '../../shared/sessions/create-session-token.ts';
import { pageOf } from '../../shared/sessions/session.ts';
import { isActiveTab, tokenJson } from '../../shared/sessions/session-schema.ts';
import { touchSession } from '../../shared/sessions/touch-session.ts';
import { fetchSessionKeys } from '../../shared/signing/signing-keys.ts';

export const CreateSessionToken = knownClientApi('CreateSessionToken', async (request) => {
  const { client, form, origin, instance } = request;
  const useSession = isActiveTab(form()) ? touchSession : requireUsableSession;
  const [session] = await both(
    useSession(request.pathId('sess', 'session_id'), client, request),
    fetchSessionKeys(instance),
  );
  const options = {
    origin: pageOf(session, origin, instance),
    endedErrorCode: 'authentication_invalid',
  } as const;
  return { body: tokenJson(await createSessionToken(session, options, request)) };
});
