/**
 * A client: one browser, identified by the secret in its cookie. It holds at most one live session, so a sign-in that replaces
 * `sessionId` ends every other session of the browser. Only a sign-in writes it, and each sign-in changes its secret.
 */
import { timingSafeEqual } from 'node:crypto';
import type { BlockId, ClientId, SessionId, UserId } from '../base/ids.ts';
import { type EpochMs, MINUTE_IN_SECONDS, plusSeconds } from '../base/time.ts';

export interface Client {
  readonly id: ClientId;
  /** SHA-256 of the secret, in hexadecimal. */
  readonly secretHash: string;
  /** The session of the latest sign-in, live or not. */
  readonly sessionId: SessionId;
  readonly sessionExpireAt: EpochMs;
  /** The user of that session. */
  readonly userId: UserId;
  /** The blocks that concern the actor of that session. */
  readonly blockIds: readonly BlockId[];
  /** Time of the latest sign-in, which changed the secret. */
  readonly rotatedAt: EpochMs;
  readonly generation: number;
  readonly createdAt: EpochMs;
}

/** The browser that a request claims to come from: its client id and the SHA-256 of the secret in its cookie. */
export interface PresentedClient {
  readonly id: ClientId;
  readonly secretHash: string;
}

/** The clients that a request claims, each once. */
export interface ClaimedClients {
  /** Those whose cookies no sibling domain can have planted. Several only in a request that no browser sends. */
  readonly clients: readonly PresentedClient[];
  /** Those whose cookies a sibling domain may have planted. Sessions that they prove may be ended, and nothing else. */
  readonly doubtful: readonly PresentedClient[];
}

/** True when the presented secret is the one of the latest sign-in. */
export function hasCurrentSecret(client: Client, presented: PresentedClient): boolean {
  const expected = Buffer.from(client.secretHash, 'hex');
  const given = Buffer.from(presented.secretHash, 'hex');
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/**
 * True when a stale cookie is so old that an answer may delete it. Shortly after a sign-in, a request with the stale cookie can have
 * been sent before that sign-in, and its late answer would delete the new cookie.
 */
export function isLongStale(rotatedAt: EpochMs, now: EpochMs): boolean {
  return now >= plusSeconds(rotatedAt, MINUTE_IN_SECONDS);
}
