// DELETE /v1/client/sessions
// Signs this browser out.
import { hasCurrentSecret } from '../../shared/clients/client.ts';
import { signedOutCookies } from '../../shared/clients/client-cookie.ts';
import { getClient } from '../../shared/clients/client-record.ts';
import { clientJson } from '../../shared/clients/client-wire.ts';
import { StaleClientError } from '../../shared/clients/stale-client.ts';
import { ApiError } from '../../shared/errors.ts';
import { knownClientApi } from '../../shared/http/frontend-api.ts';
import { endSession } from '../../shared/sessions/end-session.ts';

export const removeClientSessions = knownClientApi('RemoveClientSessions', async ({ client, caller, now }) => {
  const browser = await getClient(client.id);
  if (!browser) throw new ApiError('signed_out');
  if (!hasCurrentSecret(browser, client)) throw new StaleClientError(browser.rotatedAt, now);
  await endSession(browser.sessionId, client, { status: 'removed', cause: 'sign_out', at: now, by: caller });
  return { body: { response: clientJson(browser, undefined, now), client: null }, cookies: signedOutCookies() };
});
