import type { Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { isId, type SessionId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { note } from '../base/metrics.ts';
import { type IndexQuery, itemsByIndex } from '../storage/read.ts';
import { oldestActive, type Session, statusAt } from './session.ts';
import { getSession, sessionFrom } from './session-record.ts';

export interface ListSessions {
  readonly userId: string | undefined;
  readonly clientId: string | undefined;
  readonly status: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

export interface SessionPage {
  readonly sessions: readonly Session[];
  readonly totalCount: number;
}

/** The index that finds these sessions; undefined for ids of another form, which no session has. */
function queryOf({ userId, clientId, status }: ListSessions, { instance, now }: Call): IndexQuery | undefined {
  const isWellFormed =
    (userId === undefined || isId('user', userId)) && (clientId === undefined || isId('client', clientId));
  if (!isWellFormed) return undefined;
  return {
    table: instance.tables.sessions,
    ...(clientId
      ? { index: 'byClient', partition: ['client_id', clientId] }
      : { index: 'byUser', partition: ['user_id', userId ?? ''] }),
    ...(status === 'active' && { after: ['created_at', oldestActive(now)] }),
  };
}

/** The sessions of a user or of a client, or of both, newest first. The status is derived, so it is compared after reading. */
export async function listSessions(params: ListSessions, call: Call): Promise<SessionPage> {
  const { userId, status, limit, offset } = params;
  const query = queryOf(params, call);
  if (!query) return { sessions: [], totalCount: 0 };
  const matching: Session[] = [];
  for await (const item of itemsByIndex(call.instance, query)) {
    const session = sessionFrom(item);
    if (session.generation !== call.instance.generation) continue;
    if (userId && session.userId !== userId) continue;
    if (status && statusAt(session, call) !== status) continue;
    matching.push(session);
  }
  return { sessions: matching.slice(offset, offset + limit), totalCount: matching.length };
}

/**
 * Any session of this instance, ended or not.
 *
 * @throws `resource_not_found`
 */
export async function requireSession(id: SessionId, instance: Instance): Promise<Session> {
  const session = await getSession(instance, id);
  if (session) note({ session_id: session.id });
  if (session?.generation !== instance.generation) throw new ApiError('resource_not_found');
  return session;
}
