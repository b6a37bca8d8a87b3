import { both } from '../base/both.ts';
import type { Call } from '../base/call.ts';
import type { SessionId } from '../base/ids.ts';
import { logDropped } from '../base/log.ts';
import { note } from '../base/metrics.ts';
import type { Client, PresentedClient } from '../clients/client.ts';
import { getClient } from '../clients/client-record.ts';
import { fetchSessionKeys } from '../signing/signing-keys.ts';
import { writeChange } from '../storage/update.ts';
import { mintSessionToken } from './create-session-token.ts';
import { earliestActivity, isUsable, pageOf, type Session } from './session.ts';
import { activityAttributes, ofBrowser, sessionFrom, sessionWritten } from './session-record.ts';
import type { ShownSession } from './session-schema.ts';

/**
 * Records activity on a usable session of this browser, which moves its inactivity limit only, and never back: a copy of the write can
 * arrive late, and the clock of another host can be ahead. A session that has ended stays ended: the condition checks the rule of
 * `isUsable` at the moment of the write.
 *
 * @throws `resource_not_found` for a session of another browser or of none; `authentication_invalid` for one that ended or was replaced
 */
export async function touchSession(id: SessionId, presented: PresentedClient, call: Call): Promise<Session> {
  note({ session_id: id });
  const { instance, now } = call;
  const isOfThisBrowser = ofBrowser(presented);
  const isOfThisGeneration = 'generation = :generation';
  const isNotEnded = 'attribute_not_exists(end_status)';
  const isWithinLimits = 'expire_at > :now AND last_active_at > :earliest_activity';
  const isLatest = 'last_active_at <= :now';
  const outcome = await writeChange(instance, {
    table: instance.tables.sessions,
    key: { id },
    set: activityAttributes(now),
    condition: `${isOfThisBrowser.condition} AND ${isOfThisGeneration} AND ${isNotEnded} AND ${isWithinLimits} AND ${isLatest}`,
    values: {
      ...isOfThisBrowser.values,
      generation: instance.generation,
      now,
      earliest_activity: earliestActivity(call),
    },
  });
  // A usable session that did not meet the condition has a later activity.
  const current = outcome.committed ? undefined : outcome.current;
  const isUsableNevertheless = current && isUsable(sessionFrom(current), presented, call);
  return sessionWritten(isUsableNevertheless ? { committed: true, item: current } : outcome, presented, call);
}

/** A touched session, as an answer shows it to its browser. */
interface TouchedSession extends ShownSession {
  /** Undefined when the client could not be read to be shown. */
  readonly client: Client | undefined;
}

/**
 * Records activity on a session of this browser, and returns it with a new session token. When the activity is recorded, a failure to
 * sign or to read the client does not make the operation fail: the answer then has no client.
 *
 * @param call with the page's validated origin
 * @throws as `touchSession`; `authentication_invalid` when the session may not continue
 */
export async function touchAndShowSession(
  id: SessionId,
  presented: PresentedClient,
  call: Call & { readonly origin: string | undefined },
): Promise<TouchedSession> {
  const [session] = await both(touchSession(id, presented, call), fetchSessionKeys(call.instance));
  const options = {
    origin: pageOf(session, call.origin, call.instance),
    endedErrorCode: 'authentication_invalid',
  } as const;
  const [{ user, sessionToken, failure }, client] = await both(
    mintSessionToken(session, options, call),
    getClient(call.instance, presented.id).catch(() => undefined),
  );
  if (failure) logDropped('session_token', failure);
  return { session, user, sessionToken, client };
}
