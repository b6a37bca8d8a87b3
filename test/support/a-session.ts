import { siblingId } from '../../shared/base/ids.ts';
import type { Client } from '../../shared/clients/client.ts';
import { grantedSession, type Session } from '../../shared/sessions/session.ts';
import { anActorToken } from './an-actor-token.ts';

/** A live session that began when its actor token was created, for pure rules. */
export function aSession(members: Partial<Session> = {}, token = anActorToken()): Session {
  const acceptance = {
    at: token.createdAt,
    from: undefined,
    sessionId: siblingId('sess', token.id),
    clientId: siblingId('client', token.id),
    clientSecretHash: 'secret',
    ticketSignature: 'signature',
  };
  return {
    ...grantedSession(token, acceptance),
    lastActiveAt: token.createdAt,
    origin: undefined,
    endStatus: undefined,
    endedAt: undefined,
    ...members,
  };
}

/** The client that is signed in to a session. */
export function aClientOf(session: Session): Client {
  return {
    id: session.clientId,
    secretHash: session.clientSecretHash,
    sessionId: session.id,
    sessionExpireAt: session.expireAt,
    userId: session.userId,
    blockIds: [],
    rotatedAt: session.createdAt,
    generation: session.generation,
    createdAt: session.createdAt,
  };
}
