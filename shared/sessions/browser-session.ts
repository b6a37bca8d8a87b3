// The live session of a browser: the one home of "who is this browser signed in as".
import { both } from '../base/both.ts';
import type { Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import type { SessionId } from '../base/ids.ts';
import { note } from '../base/metrics.ts';
import { type Client, hasCurrentSecret, isLongStale, type PresentedClient } from '../clients/client.ts';
import { getClient } from '../clients/client-record.ts';
import { getUser } from '../users/read-users.ts';
import { maySessionContinue, type User } from '../users/user.ts';
import { isUsable, type Session, statusAt, whyNotUsable } from './session.ts';
import { getSession } from './session-record.ts';

/** A live session with its user and its browser. */
interface BrowserSession {
  readonly client: Client;
  readonly session: Session;
  readonly user: User;
}

/** The user of a session, if they may still be signed in as; undefined for one who was deleted or banned. */
async function getAdmittedUser(session: Session, { instance }: Call): Promise<User | undefined> {
  const user = await getUser(instance, session.userId);
  return user && maySessionContinue(user, session.createdAt) ? user : undefined;
}

/** The live session that a client is signed in to; undefined when it is signed out. */
async function getSessionOfClient(client: Client, call: Call): Promise<BrowserSession | undefined> {
  const session = await getSession(call.instance, client.sessionId);
  const isActive = session?.generation === call.instance.generation && statusAt(session, call) === 'active';
  const user = isActive ? await getAdmittedUser(session, call) : undefined;
  return session && user && { client, session, user };
}

/** The live session of a browser; undefined when it is signed out, unknown, or presents a secret that was replaced. */
export async function getBrowserSession(presented: PresentedClient, call: Call): Promise<BrowserSession | undefined> {
  const client = await getClient(call.instance, presented.id);
  return client && hasCurrentSecret(client, presented) ? getSessionOfClient(client, call) : undefined;
}

/**
 * The live session of a browser.
 *
 * @throws `authentication_invalid` when the browser has none
 */
export async function requireBrowserSession(presented: PresentedClient, call: Call): Promise<BrowserSession> {
  const browserSession = await getBrowserSession(presented, call);
  if (!browserSession) throw new ApiError('authentication_invalid');
  return browserSession;
}

/**
 * A usable session of this browser, without counting as activity.
 *
 * @throws `resource_not_found` for a session of another browser or of none; `authentication_invalid` for one that ended or was replaced
 */
export async function requireUsableSession(id: SessionId, presented: PresentedClient, call: Call): Promise<Session> {
  const session = await getSession(call.instance, id);
  if (session) note({ session_id: session.id });
  if (!isUsable(session, presented, call)) throw new ApiError(whyNotUsable(session, presented, call));
  return session;
}

/** A browser as it is shown itself. A stale one is shown no client. */
type ShownClient =
  | { readonly client: Client; readonly live: BrowserSession | undefined }
  | { readonly client: undefined; readonly isLongStale: boolean };

/**
 * The client that a browser claims to be, with its live session, if any. No client is shown for an unknown id, whose cookie must stay
 * because this may be a late answer to a browser that signed in meanwhile, and for a secret that was replaced.
 */
export async function showClient(presented: PresentedClient, call: Call): Promise<ShownClient> {
  const client = await getClient(call.instance, presented.id);
  if (!client) return { client: undefined, isLongStale: false };
  if (!hasCurrentSecret(client, presented))
    return { client: undefined, isLongStale: isLongStale(client.rotatedAt, call.now) };
  return { client, live: await getSessionOfClient(client, call) };
}

/** A live session as its browser is shown it. The client is missing only if it was deleted from the table. */
interface ShownBrowserSession extends Omit<BrowserSession, 'client'> {
  readonly client: Client | undefined;
}

/**
 * A live session of this browser by its id, without signing and without counting as activity.
 *
 * @throws as `requireUsableSession`; `authentication_invalid` when its user was deleted or banned
 */
export async function showBrowserSession(
  id: SessionId,
  presented: PresentedClient,
  call: Call,
): Promise<ShownBrowserSession> {
  const session = await requireUsableSession(id, presented, call);
  const [user, client] = await both(getAdmittedUser(session, call), getClient(call.instance, presented.id));
  if (!user) throw new ApiError('authentication_invalid');
  return { client, session, user };
}
