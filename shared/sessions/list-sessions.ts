import type { Call } from '../base/call.ts';
import { isId, type UserId } from '../base/ids.ts';
import { logDropped } from '../base/log.ts';
import { note } from '../base/metrics.ts';
import { ifReadable } from '../storage/attributes.ts';
import { type IndexQuery, itemsByIndex } from '../storage/read.ts';
import { findUserId } from '../users/read-users.ts';
import { oldestActive, type Session, statusAt } from './session.ts';
import { SESSION_KIND, sessionFrom } from './session-record.ts';
import { readableWithVerdicts, withVerdicts } from './verdict.ts';

export interface ListSessions {
  /** The id of the user, or the external id. */
  readonly userId: string | undefined;
  readonly clientId: string | undefined;
  /** The `sub` of the actor. */
  readonly actorSub: string | undefined;
  readonly status: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

interface SessionPage {
  readonly sessions: readonly Session[];
  readonly totalCount: number;
}

function isListOfEverybody({ userId, clientId }: ListSessions): boolean {
  return userId === undefined && clientId === undefined;
}

/** The index that finds these sessions; undefined for an id of another form, which no session has. Without an id it finds active ones. */
function queryOf(params: ListSessions, userId: UserId | undefined, { instance, now }: Call): IndexQuery | undefined {
  const { clientId, status } = params;
  const table = instance.tables.sessions;
  const areOfEverybody = isListOfEverybody(params);
  const range = status === 'active' || areOfEverybody ? { sortKey: 'created_at', first: oldestActive(now) } : undefined;
  if (areOfEverybody) return { table, index: 'byCreated', partition: ['kind', SESSION_KIND], range };
  if (isId('client', clientId)) return { table, index: 'byClient', partition: ['client_id', clientId], range };
  return clientId === undefined && userId !== undefined
    ? { table, index: 'byUser', partition: ['user_id', userId], range }
    : undefined;
}

/**
 * Sessions, newest first: those of a user, a client or both, or the active ones of everybody; with `actorSub`, only those of that actor. The
 * status is derived, so it is compared after reading. An active session that gets no session token is listed as revoked. One that cannot be
 * read makes the list of a user or client fail; among those of everybody it is left out, so that the others can be seen and ended.
 *
 * @throws as `withVerdicts`
 */
export async function listSessions(params: ListSessions, call: Call): Promise<SessionPage> {
  const { actorSub, limit, offset } = params;
  const areOfEverybody = isListOfEverybody(params);
  const status = params.status ?? (areOfEverybody ? 'active' : undefined);
  const userId = params.userId === undefined ? undefined : await findUserId(call.instance, params.userId);
  const isOfNobody = params.userId !== undefined && userId === undefined;
  const query = queryOf(params, userId, call);
  if (!query || isOfNobody) return { sessions: [], totalCount: 0 };
  const found: Session[] = [];
  for await (const item of itemsByIndex(call.instance, query)) {
    const session = areOfEverybody
      ? await ifReadable(
          () => sessionFrom(item),
          (error) => logDropped('session', error),
        )
      : sessionFrom(item);
    if (session?.generation !== call.instance.generation) continue;
    if (userId !== undefined && session.userId !== userId) continue;
    if (actorSub !== undefined && session.actor.sub !== actorSub) continue;
    found.push(session);
  }
  const all = await (areOfEverybody ? readableWithVerdicts : withVerdicts)(found, call);
  const matching = status ? all.filter((session) => statusAt(session, call) === status) : all;
  const sessions = matching.slice(offset, offset + limit);
  note({
    session_ids: sessions.map(({ id }) => id).join(' '),
    user_ids: [...new Set(sessions.map((session) => session.userId))].join(' '),
  });
  return { sessions, totalCount: matching.length };
}
