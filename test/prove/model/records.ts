/**
 * The records of the model: two actor tokens for one user and one actor, the sessions and clients that they can start, the user and the
 * block of the actor. Times are in seconds. A session has the number of its actor token, and a new client that of the redemption that made it.
 */
import type { Item } from '../invariants.ts';

/** One of the two actor tokens, and the session and the client that it can start. */
export type Place = 0 | 1;
export const places: readonly Place[] = [0, 1];
/** A client: that of the first redemption of a token by a browser without a cookie, or, with number 2, one from before. */
export type ClientNumber = Place | 2;

export interface Token {
  readonly status: 'pending' | 'accepted' | 'revoked';
  readonly createdAt: number;
  readonly expireAt: number;
  readonly generation: number;
  /** The number of the request that accepted or revoked it. */
  readonly attempt?: number;
  readonly acceptedAt?: number;
  readonly client?: ClientNumber;
  readonly secret?: number;
}

export interface Session {
  readonly client: ClientNumber;
  /** The number of the request that started it. No two requests have the same secret. */
  readonly secret: number;
  readonly createdAt: number;
  readonly expireAt: number;
  readonly lastActiveAt: number;
  readonly generation: number;
  readonly endedBy?: 'browser' | 'server' | 'sign_in' | 'verdict';
  readonly endedAt?: number;
}

export interface Client {
  readonly secret: number;
  readonly session: Place;
  readonly sessionExpireAt: number;
  readonly generation: number;
}

export interface User {
  readonly isStaff: boolean;
  readonly isBanned: boolean;
  readonly bannedAt?: number;
  readonly unbannedAt?: number;
  readonly updatedAt: number;
}

export interface Block {
  readonly blockedAt: number;
  readonly liftedAt?: number;
}

/** A state that takes a right away until another request ends it. */
export type Standing = 'isBanned' | 'isBlocked' | 'isStaff';

/** All tables at a moment. Tokens and sessions have two places, clients three. */
export interface Records {
  readonly tokens: readonly (Token | undefined)[];
  readonly sessions: readonly (Session | undefined)[];
  readonly clients: readonly (Client | undefined)[];
  readonly user: User;
  readonly block: Block | undefined;
}

export const TICKET_LIFE = 900;
export const SESSION_DURATION = 900;
export const INACTIVITY = 600;

export const ACTOR = '{"sub":"support_0"}';
export const USER_ID = 'user_0';

/** The items of the tables, as the invariants read them. */
export const itemOf = {
  ActorTokens: (records: Records, place: Place): Item | undefined => {
    const token = records.tokens[place];
    if (!token) return undefined;
    const { status, createdAt, expireAt, attempt, acceptedAt, client, secret } = token;
    return {
      id: `act_${place}`,
      status,
      user_id: USER_ID,
      actor: ACTOR,
      created_at: createdAt * 1000,
      expire_at: expireAt * 1000,
      session_max_duration_in_seconds: SESSION_DURATION,
      attempt,
      accepted_at: (acceptedAt ?? 0) * 1000,
      session_id: status === 'accepted' ? `sess_${place}` : undefined,
      client_id: client === undefined ? undefined : `client_${client}`,
      client_secret_hash: secret,
    };
  },
  Sessions: (records: Records, place: Place): Item | undefined => {
    const session = records.sessions[place];
    if (!session) return undefined;
    const { client, secret, createdAt, expireAt, lastActiveAt, endedBy, endedAt } = session;
    return {
      id: `sess_${place}`,
      actor_token_id: `act_${place}`,
      user_id: USER_ID,
      actor: ACTOR,
      client_id: `client_${client}`,
      client_secret_hash: secret,
      created_at: createdAt * 1000,
      expire_at: expireAt * 1000,
      last_active_at: lastActiveAt * 1000,
      ...(endedBy && {
        end_status: endedBy,
        ended_at: (endedAt ?? 0) * 1000,
        end_cause: endedBy,
        ended_by: null,
        ended_from: null,
        ended_with: null,
      }),
    };
  },
  Clients: (records: Records, number: ClientNumber): Item | undefined => {
    const client = records.clients[number];
    if (!client) return undefined;
    const { session, secret, sessionExpireAt } = client;
    return {
      id: `client_${number}`,
      session_id: `sess_${session}`,
      session_expire_at: sessionExpireAt * 1000,
      secret_hash: secret,
    };
  },
  Users: ({ user }: Records): Item => ({
    id: USER_ID,
    banned: user.isBanned,
    unbanned_at: user.unbannedAt === undefined ? undefined : user.unbannedAt * 1000,
  }),
} as const;
