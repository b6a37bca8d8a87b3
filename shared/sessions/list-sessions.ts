import type { Call } from '../base/call.ts';
import { isId } from '../base/ids.ts';
import { note } from '../base/metrics.ts';
import { type IndexQuery, itemsByIndex } from '../storage/read.ts';
import { oldestActive, type Session, statusAt } from './session.ts';
import { sessionFrom } from './session-record.ts';
import { withVerdicts } from './verdict.ts';

export interface ListSessions {
  readonly userId: string | undefined;
  readonly clientId: string | undefined;
  readonly status: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

interface SessionPage {
  readonly sessions: readonly Session[];
  readonly totalCount: number;
}

/** The index that finds these sessions; undefined for an id of another form, which no session has. */
function queryOf({ userId, clientId, status }: ListSessions, { instance, now }: Call): IndexQuery | undefined {
  const table = instance.tables.sessions;
  const after = status === 'active' ? (['created_at', oldestActive(now)] as const) : undefined;
  if (isId('client', clientId)) return { table, index: 'byClient', partition: ['client_id', clientId], after };
  const isOnlyByUser = clientId === undefined && isId('user', userId);
  return isOnlyByUser ? { table, index: 'byUser', partition: ['user_id', userId], after } : undefined;
}

/**
 * The sessions of a user or of a client, or of both, newest first. The status is derived, so it is compared after reading. An active
 * session that gets no session token is listed as revoked.
 *
 * @throws as `withVerdicts`
 */
export async function listSessions(params: ListSessions, call: Call): Promise<SessionPage> {
  const { userId, status, limit, offset } = params;
  const query = queryOf(params, call);
  if (!query) return { sessions: [], totalCount: 0 };
  const found: Session[] = [];
  for await (const item of itemsByIndex(call.instance, query)) {
    const session = sessionFrom(item);
    if (session.generation !== call.instance.generation) continue;
    if (userId !== undefined && session.userId !== userId) continue;
    found.push(session);
  }
  const all = await withVerdicts(found, call);
  const matching = status ? all.filter((session) => statusAt(session, call) === status) : all;
  const sessions = matching.slice(offset, offset + limit);
  note({
    session_ids: sessions.map(({ id }) => id).join(' '),
    user_ids: [...new Set(sessions.map((session) => session.userId))].join(' '),
  });
  return { sessions, totalCount: matching.length };
}
