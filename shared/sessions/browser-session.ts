// Finds the session that a browser is signed in to, and decides whether it is live. No other file of the Frontend API does.
import { both } from '../base/both.ts';
import type { Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import type { SessionId } from '../base/ids.ts';
import { note, noteProvedCaller } from '../base/metrics.ts';
import type { Rule } from '../base/policy.ts';
import { blockIdsOf } from '../blocklist/block.ts';
import { blockKeysOf } from '../blocklist/block-record.ts';
import { type Client, hasCurrentSecret, isLongStale, type PresentedClient } from '../clients/client.ts';
import { getClient } from '../clients/client-record.ts';
import { fetchSessionKeys } from '../signing/signing-keys.ts';
import { getItemsByKey } from '../storage/read.ts';
import type { User } from '../users/user.ts';
import { revokeByVerdict } from './end-session.ts';
import { isUsable, type Session, whyNotUsable } from './session.ts';
import { getSession, noteSession, sessionFrom } from './session-record.ts';
import { proofKeysOf, type Verdict, verdictFrom, verdictOn } from './verdict.ts';

/** A live session with its user and its browser. */
interface BrowserSession {
  readonly client: Client;
  readonly session: Session;
  readonly user: User;
  /** What the policy lets the session do. */
  readonly mode: Rule['mode'];
}

/** The user of a session that may continue, and what it may do. Another session ends, and has none. */
async function permittedBy(
  verdict: Verdict,
  session: Session,
  call: Call,
): Promise<Pick<BrowserSession, 'user' | 'mode'> | undefined> {
  if (verdict.user) return verdict;
  await revokeByVerdict(session, verdict, call);
  return undefined;
}

/**
 * The live session that a client is signed in to; undefined when it is signed out. The client names the session, its user and the blocks
 * that concern its actor, so that all records are read in one call.
 */
async function getSessionOfClient(client: Client, call: Call): Promise<BrowserSession | undefined> {
  const { instance } = call;
  const key = { table: instance.tables.sessions, id: client.sessionId };
  const proofKeys = proofKeysOf({ id: client.sessionId, userId: client.userId }, instance);
  const itemOf = await getItemsByKey(instance, [key, ...proofKeys, ...blockKeysOf(client.blockIds, instance)]);
  const item = itemOf(key);
  const session = item && sessionFrom(item);
  // A client that names another's session, or another user than its session, is signed out.
  if (!isUsable(session, client, call) || session.userId !== client.userId) return undefined;
  noteSession(session);
  // Only the session says who the actor is. A client of somebody else's blocks, or from before there were blocks, costs one more call.
  const hasAll = blockIdsOf(session.actor, session.verified).every((id) => client.blockIds.includes(id));
  const verdict = hasAll ? await verdictFrom(itemOf, session, call) : await verdictOn(session, call);
  const permitted = await permittedBy(verdict, session, call);
  return permitted && { client, session, ...permitted };
}

/** The live session of a browser; undefined when it is signed out, unknown, or presents a secret that was replaced. */
export async function getBrowserSession(presented: PresentedClient, call: Call): Promise<BrowserSession | undefined> {
  const [client] = await both(getClient(call.instance, presented.id), fetchSessionKeys(call.instance));
  if (!client || !hasCurrentSecret(client, presented)) return undefined;
  noteProvedCaller();
  return getSessionOfClient(client, call);
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
 * A usable session of this browser. To read it does not count as activity.
 *
 * @throws `resource_not_found` for a session of another browser or of none; `authentication_invalid` for one that ended or was replaced
 */
export async function requireUsableSession(id: SessionId, presented: PresentedClient, call: Call): Promise<Session> {
  const session = await getSession(call.instance, id);
  if (session) note({ session_id: session.id });
  if (!isUsable(session, presented, call)) throw new ApiError(whyNotUsable(session, presented, call));
  noteSession(session);
  noteProvedCaller();
  return session;
}

/** The client that an answer shows to its browser. */
type ShownClient =
  | { readonly client: Client; readonly live: BrowserSession | undefined }
  | { readonly client: undefined; readonly isLongStale: boolean };

/**
 * The client that a browser claims to be, with its live session, if any. There is no client to show for an unknown id or a replaced
 * secret. The cookie of an unknown id is not deleted: this can be a late answer to a browser that has signed in meanwhile.
 */
export async function showClient(presented: PresentedClient, call: Call): Promise<ShownClient> {
  const [client] = await both(getClient(call.instance, presented.id), fetchSessionKeys(call.instance));
  if (!client) return { client: undefined, isLongStale: false };
  if (!hasCurrentSecret(client, presented))
    return { client: undefined, isLongStale: isLongStale(client.rotatedAt, call.now) };
  noteProvedCaller();
  return { client, live: await getSessionOfClient(client, call) };
}

/**
 * A live session of this browser by its id. To read it signs no session token and does not count as activity.
 *
 * @throws as `requireUsableSession`; `authentication_invalid` when it may not continue; as `verdictFrom`
 */
export async function showBrowserSession(
  id: SessionId,
  presented: PresentedClient,
  call: Call,
): Promise<Omit<BrowserSession, 'client'>> {
  const session = await requireUsableSession(id, presented, call);
  const permitted = await permittedBy(await verdictOn(session, call), session, call);
  if (!permitted) throw new ApiError('authentication_invalid');
  return { session, ...permitted };
}
