// GET /v1/client
// Who this browser is signed in as. Answers 200 whatever the cookie, because clerk-js cannot start on anything else.
import { type Client, hasCurrentSecret, isLongStale } from '../../shared/clients/client.ts';
import { clearedCookies } from '../../shared/clients/client-cookie.ts';
import { getClient as getStoredClient } from '../../shared/clients/client-record.ts';
import { clientJson } from '../../shared/clients/client-wire.ts';
import { config } from '../../shared/config.ts';
import type { Answer } from '../../shared/http/answer.ts';
import { frontendApi } from '../../shared/http/frontend-api.ts';
import { statusAt } from '../../shared/sessions/session.ts';
import { getSession } from '../../shared/sessions/session-record.ts';
import type { ShownSession } from '../../shared/sessions/session-wire.ts';
import type { EpochMs } from '../../shared/time.ts';
import { getUser } from '../../shared/users/get-user.ts';

const NOBODY: Answer = { body: { response: null, client: null } };

async function liveSessionOf(client: Client, now: EpochMs): Promise<ShownSession | undefined> {
  const session = await getSession(client.sessionId);
  const isLive = session?.generation === config.generation && statusAt(session, now) === 'active';
  const user = isLive ? await getUser(session.userId) : undefined;
  return session && user && !user.banned ? { session, user } : undefined;
}

export const getClient = frontendApi('GetClient', async ({ client: claimed, now }) => {
  if (typeof claimed === 'string') return NOBODY;
  const client = await getStoredClient(claimed.id);
  if (!client) return { ...NOBODY, cookies: clearedCookies() };
  if (!hasCurrentSecret(client, claimed)) {
    return isLongStale(client.rotatedAt, now) ? { ...NOBODY, cookies: clearedCookies() } : NOBODY;
  }
  return { body: { response: clientJson(client, await liveSessionOf(client, now), now), client: null } };
});
