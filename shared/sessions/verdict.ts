/**
 * Decides whether a session that is active may continue. Every operation that creates a session token or shows a session asks here.
 *
 * The item of a session does not prove itself: whoever may write into the table of sessions could have written it. Its actor token proves
 * it. That record has the signature of the ticket, made by a key that only one function may use, over the user by both ids, the actor, the
 * duration, the generation, the operator, the reason and, with either of these two, the address; and it names the browser. So no write
 * into one table starts a session, changes it or prolongs it.
 */
import type { ActorToken } from '../actor-tokens/actor-token.ts';
import { actorTokenFrom } from '../actor-tokens/actor-token-record.ts';
import { unsignedTicketOf } from '../actor-tokens/ticket-of.ts';
import { blockKeysOfActor, judge } from '../authority/judge.ts';
import type { Call } from '../base/call.ts';
import type { EndCause } from '../base/end-cause.ts';
import { type SessionId, siblingId, type UserId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { logDropped } from '../base/log.ts';
import type { Rule } from '../base/policy.ts';
import { isTicketSignature } from '../signing/ticket.ts';
import { ifReadable } from '../storage/attributes.ts';
import { getItemsByKey, type ItemKey, type ReadItems } from '../storage/read.ts';
import { hasKeptExternalId, isUnbannedSince, type User } from '../users/user.ts';
import { userFrom } from '../users/user-record.ts';
import { grantedSession, type Session, statusAt } from './session.ts';

/** The user of a session that may continue, and what it may do, else the cause for which it ends, with the rule of the policy. */
export type Verdict =
  | { readonly user: User; readonly mode: Rule['mode'] }
  | { readonly user?: never; readonly cause: EndCause; readonly rule?: string };

/** The keys of the user and of the actor token of a session. */
export function proofKeysOf(
  { id, userId }: { readonly id: SessionId; readonly userId: UserId },
  { tables }: Instance,
): readonly [user: ItemKey, actorToken: ItemKey] {
  return [
    { table: tables.users, id: userId },
    { table: tables.actorTokens, id: siblingId('act', id) },
  ];
}

/** The keys of all records on which a session depends. */
export function basisOf(session: Session, instance: Instance): readonly ItemKey[] {
  return [...proofKeysOf(session, instance), ...blockKeysOfActor(session, instance)];
}

/** True when the redemption of this actor token granted exactly this session. */
function isGrantedBy(token: ActorToken, session: Session): boolean {
  if (token.status !== 'accepted' || !token.acceptance) return false;
  return JSON.stringify({ ...session, ...grantedSession(token, token.acceptance) }) === JSON.stringify(session);
}

async function isProvenBy(token: ActorToken, session: Session, instance: Instance): Promise<boolean> {
  if (!token.acceptance || !isGrantedBy(token, session)) return false;
  return isTicketSignature(token.acceptance.ticketSignature, unsignedTicketOf(token, instance), instance);
}

/**
 * The verdict on an active session, from records that were read for it.
 *
 * @param itemOf has read `basisOf`
 * @throws `service_unavailable` when a record or a ticket key cannot be read: then nothing is decided; `too_many_requests`
 */
export async function verdictFrom(itemOf: ReadItems, session: Session, { instance, now }: Call): Promise<Verdict> {
  const [userItem, tokenItem] = proofKeysOf(session, instance).map(itemOf);
  if (!userItem) return { cause: 'user_deleted' };
  const user = userFrom(userItem);
  const token = tokenItem && actorTokenFrom(tokenItem);
  if (!token || !(await isProvenBy(token, session, instance))) return { cause: 'tampered' };
  // The creation of the token counts. A session can start in the middle of a ban, by a clock that is ahead of the lift.
  if (!isUnbannedSince(user, token.createdAt)) return { cause: 'user_banned' };
  // The session's tokens name the user by this id too, and it may be another user's by now.
  if (!hasKeptExternalId(user, session.externalId)) return { cause: 'external_id_changed' };
  const isSameAddress = token.acceptance?.from === token.createdFrom;
  const judgement = judge(itemOf, { ...token, user, now, isSameAddress }, instance);
  return judgement.isAllowed ? { user, mode: judgement.rule?.mode } : judgement;
}

/**
 * The verdict on a session that is active, or was until this request ended it. Its records are read in one call (strongly consistent).
 *
 * @throws as `verdictFrom`
 */
export async function verdictOn(session: Session, call: Call): Promise<Verdict> {
  return verdictFrom(await getItemsByKey(call.instance, basisOf(session, call.instance)), session, call);
}

/** The session as this verdict leaves it: revoked when it may not continue. */
function asLeftBy({ user }: Verdict, session: Session, { now }: Call): Session {
  return user ? session : { ...session, endStatus: 'revoked', endedAt: now };
}

/**
 * A session as a request for a session token would find it: an active one that may not continue is revoked. Nothing is written, and a
 * session that is not active costs no read.
 *
 * @throws as `verdictFrom`
 */
export async function withVerdict(session: Session, call: Call): Promise<Session> {
  return statusAt(session, call) === 'active' ? asLeftBy(await verdictOn(session, call), session, call) : session;
}

/**
 * Sessions as `withVerdict` returns each. Their records are read together.
 *
 * @throws as `verdictFrom`
 */
export async function withVerdicts(sessions: readonly Session[], call: Call): Promise<readonly Session[]> {
  const found: Session[] = [];
  for (const judged of await judging(sessions, call)) found.push(await judged());
  return found;
}

/**
 * Those of `withVerdicts` whose records can be read. The others get no session token: each request for one is refused.
 *
 * @throws as `verdictFrom`, when a ticket key cannot be read
 */
export async function readableWithVerdicts(sessions: readonly Session[], call: Call): Promise<readonly Session[]> {
  const found: Session[] = [];
  for (const judged of await judging(sessions, call)) {
    const session = await ifReadable(judged, (error) => logDropped('session', error));
    if (session) found.push(session);
  }
  return found;
}

/** A judge for each session, all of whose records have been read. */
async function judging(sessions: readonly Session[], call: Call): Promise<readonly (() => Promise<Session>)[]> {
  const isActive = (session: Session) => statusAt(session, call) === 'active';
  const keys = sessions.filter(isActive).flatMap((session) => basisOf(session, call.instance));
  const itemOf = await getItemsByKey(call.instance, keys);
  return sessions.map((session) => async () => {
    return isActive(session) ? asLeftBy(await verdictFrom(itemOf, session, call), session, call) : session;
  });
}
