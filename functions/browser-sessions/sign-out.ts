import { ApiError } from '../../shared/base/errors.ts';
import { type Client, hasCurrentSecret } from '../../shared/clients/client.ts';
import { getClient } from '../../shared/clients/client-record.ts';
import { StaleClientError } from '../../shared/clients/stale-client.ts';
import type { KnownClientRequest } from '../../shared/http/frontend-api.ts';
import { endSession } from '../../shared/sessions/end-session.ts';

/**
 * The client a browser claims to be, if it still holds its latest secret: only then may it be told to be signed out, or a tab
 * that another tab left behind would sign out of the next session. Undefined for a client nobody knows.
 *
 * @throws `authentication_invalid` for a secret that was replaced
 */
export async function currentClient({ client, now }: KnownClientRequest): Promise<Client | undefined> {
  const browser = await getClient(client.id);
  if (browser && !hasCurrentSecret(browser, client)) throw new StaleClientError(browser.rotatedAt, now);
  return browser;
}

/**
 * Ends whatever session this browser has, and answers which client it is.
 *
 * @throws `signed_out` for a client nobody knows, `authentication_invalid` for a secret that was replaced
 */
export async function signOut(request: KnownClientRequest): Promise<Client> {
  const { client, caller, now } = request;
  const browser = await currentClient(request);
  if (!browser) throw new ApiError('signed_out');
  const end = { status: 'removed', cause: 'sign_out', at: now, by: caller } as const;
  await endSession(browser.sessionId, client, end).catch((error: unknown) => {
    // A session that was tidied away has ended long ago.
    if (!(error instanceof ApiError && error.code === 'resource_not_found')) throw error;
  });
  return browser;
}
