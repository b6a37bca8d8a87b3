import { config } from '../../shared/base/config.ts';
import type { EpochMs } from '../../shared/base/time.ts';
import { type Client, hasCurrentSecret, type PresentedClient } from '../../shared/clients/client.ts';
import { getClient } from '../../shared/clients/client-record.ts';
import { type Session, statusAt } from '../../shared/sessions/session.ts';
import { getSession } from '../../shared/sessions/session-record.ts';
import { getUser } from '../../shared/users/get-user.ts';
import { maySessionGoOn, type User } from '../../shared/users/user.ts';

interface LiveSession {
  readonly session: Session;
  readonly user: User;
}

/** The session a client is signed in to, whose user is neither banned nor gone; undefined when it is signed out. */
export async function shownSessionOf(client: Client, now: EpochMs): Promise<LiveSession | undefined> {
  const session = await getSession(client.sessionId);
  const isLive = session?.generation === config.generation && statusAt(session, now) === 'active';
  const user = isLive ? await getUser(session.userId) : undefined;
  return session && user && maySessionGoOn(user, session.createdAt) ? { session, user } : undefined;
}

/** As above, for a browser that claims to be a client; undefined also when its secret is not the current one. */
export async function liveSessionOf(claimed: PresentedClient, now: EpochMs) {
  const client = await getClient(claimed.id);
  const shown = client && hasCurrentSecret(client, claimed) ? await shownSessionOf(client, now) : undefined;
  return client && shown ? { client, ...shown } : undefined;
}
