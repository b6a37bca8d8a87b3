import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import { isId } from '../base/ids.ts';
import { note } from '../base/metrics.ts';
import type { EpochMs } from '../base/time.ts';
import { itemsByIndex } from '../storage/read.ts';
import { oldestLive, type Session, statusAt } from './session.ts';
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

/** Sessions of a user or of a client (or of both), newest first. Status is derived, so it is matched after reading. */
export async function listSessions(
  { userId, clientId, status, limit, offset }: ListSessions,
  now: EpochMs,
): Promise<SessionPage> {
  const { sessions: table } = config.tables;
  const isKnownForm =
    (userId === undefined || isId('user', userId)) && (clientId === undefined || isId('client', clientId));
  if (!isKnownForm) return { sessions: [], totalCount: 0 };
  const by = clientId
    ? ({ index: 'byClient', partition: ['client_id', clientId] } as const)
    : ({ index: 'byUser', partition: ['user_id', userId ?? ''] } as const);
  const items = itemsByIndex({
    table,
    ...by,
    ...(status === 'active' && { after: ['created_at', oldestLive(now)] as const }),
  });
  const matching: Session[] = [];
  for await (const item of items) {
    const session = sessionFrom(item);
    if (session.generation !== config.generation) continue;
    if (userId && session.userId !== userId) continue;
    if (status && statusAt(session, now) !== status) continue;
    matching.push(session);
  }
  return { sessions: matching.slice(offset, offset + limit), totalCount: matching.length };
}

/**
 * Any session of this instance, live or not.
 *
 * @throws `resource_not_found`
 */
export async function getKnownSession(id: string): Promise<Session> {
  const session = isId('sess', id) ? await getSession(id) : undefined;
  if (session) note({ session_id: session.id });
  if (session?.generation !== config.generation) throw new ApiError('resource_not_found');
  return session;
}
