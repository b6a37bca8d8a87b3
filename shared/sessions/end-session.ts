import type { BrowserCall, Call, RevokingCall } from '../base/call.ts';
import type { EndCause } from '../base/end-cause.ts';
import { ApiError } from '../base/errors.ts';
import type { SessionId, UserId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { count, note } from '../base/metrics.ts';
import type { PresentedClient } from '../clients/client.ts';
import { ifReadable } from '../storage/attributes.ts';
import type { Item } from '../storage/item.ts';
import { itemsByIndex } from '../storage/read.ts';
import { type Change, writeChange } from '../storage/update.ts';
import type { WriteOutcome } from '../storage/write.ts';
import { oldestActive, type Session, statusAt } from './session.ts';
import {
  endChange,
  hasEnd,
  noteSession,
  ofBrowser,
  SESSION_KIND,
  type SessionEnd,
  sessionFrom,
  sessionWritten,
} from './session-record.ts';

/** Writes an end, and counts it unless the session already has one. */
async function writeEnd(instance: Instance, change: Change, end: SessionEnd): Promise<WriteOutcome> {
  const outcome = await writeChange(instance, change);
  if (outcome.committed && hasEnd(outcome.item, end)) count('SessionsEnded', { end_cause: end.cause });
  return outcome;
}

/** The session to end, and the end that is recorded. */
export interface EndSession extends Pick<SessionEnd, 'status' | 'cause'> {
  readonly id: SessionId;
}

/**
 * Ends a session of this browser. It is safe to repeat: a session keeps its first end.
 *
 * @throws `resource_not_found` for a session of another browser or of none; `authentication_invalid` for a replaced one
 */
export async function endSession(
  { id, status, cause }: EndSession,
  presented: PresentedClient,
  { instance, caller, now }: BrowserCall,
): Promise<Session> {
  note({ session_id: id });
  const end: SessionEnd = { status, cause, at: now, by: caller };
  const isOfThisBrowser = ofBrowser(presented);
  // When a sign-in in another tab has replaced the session of this tab, this tab must not sign out of the new one.
  const isNotReplaced = '(attribute_not_exists(end_cause) OR end_cause <> :sign_in)';
  const { condition, values, ...change } = endChange(instance, id, end);
  const narrowed: Change = {
    ...change,
    condition: `${condition} AND ${isOfThisBrowser.condition} AND ${isNotReplaced}`,
    values: { ...values, ...isOfThisBrowser.values, sign_in: 'sign_in' satisfies EndCause },
  };
  return sessionWritten(await writeEnd(instance, narrowed, end), presented, { instance, now });
}

/**
 * Ends any session, for the backend or for an administrator's command. A session that has ended keeps its end.
 *
 * @throws `resource_not_found`
 */
export async function revokeSession(
  id: SessionId,
  { instance, caller, now }: RevokingCall,
  cause: 'backend_revoke' | 'command_revoke' = 'backend_revoke',
): Promise<Session> {
  note({ session_id: id });
  const end: SessionEnd = { status: 'revoked', cause, at: now, by: caller };
  const outcome = await writeEnd(instance, endChange(instance, id, end), end);
  if (!outcome.committed) throw new ApiError('resource_not_found');
  const session = sessionFrom(outcome.item);
  noteSession(session);
  return session;
}

/** The items of the sessions that can be active, newest first. One that started a moment ago can be missing. */
export function activeSessionItems({ instance, now }: Call): AsyncGenerator<Item> {
  return itemsByIndex(instance, {
    table: instance.tables.sessions,
    index: 'byCreated',
    partition: ['kind', SESSION_KIND],
    range: { sortKey: 'created_at', first: oldestActive(now) },
  });
}

/**
 * Ends those of these sessions that are active and affected. No security decision depends on it: every session token is created after a
 * read of the user and the blocklist, so a session that an index does not contain yet gets no further token either.
 *
 * @throws UnreadableRecordError for a session that cannot be read, after all others; as `writeChange`
 */
export async function revokeSessions(
  items: AsyncIterable<Item>,
  isAffected: (session: Session) => boolean,
  end: SessionEnd,
  instance: Instance,
): Promise<void> {
  let unreadable: unknown;
  for await (const item of items) {
    const session = await ifReadable(
      () => sessionFrom(item),
      (error) => {
        unreadable = error;
      },
    );
    if (!session) continue;
    const isActive = statusAt(session, { instance, now: end.at }) === 'active';
    if (session.generation !== instance.generation || !isActive || !isAffected(session)) continue;
    await writeEnd(instance, endChange(instance, session.id, end), end);
  }
  if (unreadable) throw unreadable;
}

/** Ends every active session of a user who was banned or deleted, as far as the index has them. */
export async function revokeSessionsOfUser(userId: UserId, end: SessionEnd, instance: Instance): Promise<void> {
  const sessions = itemsByIndex(instance, {
    table: instance.tables.sessions,
    index: 'byUser',
    partition: ['user_id', userId],
    range: { sortKey: 'created_at', first: oldestActive(end.at) },
  });
  await revokeSessions(sessions, () => true, end, instance);
}

/** Ends a session that a request has found to be active, and that may not continue. */
export async function revokeByVerdict(
  { id }: Session,
  { cause, rule }: Pick<SessionEnd, 'cause' | 'rule'>,
  { instance, now }: Call,
): Promise<void> {
  const end: SessionEnd = { status: 'revoked', cause, rule, at: now, by: {} };
  await writeEnd(instance, endChange(instance, id, end), end);
}
