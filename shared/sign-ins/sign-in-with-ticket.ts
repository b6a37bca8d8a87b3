import { randomUUID } from 'node:crypto';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { whyNotRedeemable } from '../actor-tokens/actor-token.ts';
import { getActorToken } from '../actor-tokens/actor-token-record.ts';
import { both } from '../base/both.ts';
import type { Caller } from '../base/caller.ts';
import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import { logDropped } from '../base/log.ts';
import { count, note } from '../base/metrics.ts';
import type { EpochMs } from '../base/time.ts';
import { type Client, hasCurrentSecret, type PresentedClient } from '../clients/client.ts';
import { getClient } from '../clients/client-record.ts';
import { StaleClientError } from '../clients/stale-client.ts';
import type { Session } from '../sessions/session.ts';
import { signSessionToken } from '../signing/session-token.ts';
import { verifyTicket } from '../signing/ticket.ts';
import { type TransactionOutcome, writeAll } from '../storage/write.ts';
import { getUser } from '../users/get-user.ts';
import type { User } from '../users/user.ts';
import {
  acceptActorToken,
  checkUser,
  endPreviousSession,
  planRedemption,
  type Redemption,
  rotateClient,
  startSession,
} from './redemption.ts';

export interface SignInWithTicket {
  readonly ticket: string;
  /** The browser that asks; undefined for one without a cookie of ours. */
  readonly client: PresentedClient | undefined;
  /** The page's validated origin. */
  readonly origin: string | undefined;
  readonly caller: Caller;
}

export interface CompletedSignIn {
  readonly session: Session;
  readonly client: Client;
  /** Goes into the browser's cookie and nowhere else. */
  readonly clientSecret: string;
  /** Undefined when the user could not be read to be shown. */
  readonly user: User | undefined;
  /** Undefined when KMS did not sign: the browser asks for one next. */
  readonly sessionToken: string | undefined;
}

/**
 * After a write failed, the table knows whether it arrived all the same: an answer can be lost, and its repetition meet a
 * conflict or a throttle.
 *
 * @throws `failure`, or what another redemption or a revocation means
 */
async function outcomeInTable({ actorToken, attempt, now }: Redemption, failure: unknown): Promise<TransactionOutcome> {
  const current = await getActorToken(actorToken.id).catch(() => undefined);
  if (current?.attempt === attempt) return { committed: true };
  const refusal =
    current && whyNotRedeemable(current, { hash: actorToken.ticketHash, generation: config.generation, now });
  throw refusal ? new ApiError(refusal) : failure;
}

/**
 * Redeems: all of it, or nothing. At most one call per actor token ever returns.
 *
 * @throws what the first failed condition means
 */
async function commit(redemption: Redemption, previousSession: TransactWriteItem | undefined): Promise<void> {
  const guarded = [
    acceptActorToken(redemption),
    startSession(redemption),
    rotateClient(redemption),
    checkUser(redemption),
  ];
  const writes = [...guarded.map(({ write }) => write), ...(previousSession ? [previousSession] : [])];
  const outcome = await writeAll(writes, randomUUID()).catch((error: unknown) => outcomeInTable(redemption, error));
  const isOurs = outcome.committed || outcome.refused[0]?.current?.attempt === redemption.attempt;
  if (isOurs) {
    count('Redeemed');
    count('SessionsStarted');
    if (previousSession) count('SessionsEnded', { end_cause: 'sign_in' });
    return;
  }

  for (const [index, { refusal }] of guarded.entries()) {
    const refused = outcome.refused[index];
    if (refused) throw refusal(refused.current);
  }
  // Only the previous session stood in the way, because it is gone: there is nothing left to end.
  return commit(redemption, undefined);
}

/**
 * Signs the browser in as the target of an actor token, whatever factors the target has set up, and ends the browser's
 * other session, atomically. At most one call per ticket ever succeeds; one that fails changes nothing.
 *
 * @throws `ticket_invalid_code`, `ticket_expired_code`, `actor_token_revoked_code`, `actor_token_already_used_code`,
 * `actor_token_subject_not_found`, `user_banned`, `authentication_invalid` (StaleClientError), `too_many_requests`
 */
export async function signInWithTicket(params: SignInWithTicket, now: EpochMs): Promise<CompletedSignIn> {
  const { actorTokenId, hash } = await verifyTicket(params.ticket, now);
  note({ actor_token_id: actorTokenId });
  const [actorToken, previousClient] = await both(
    getActorToken(actorTokenId),
    params.client ? getClient(params.client.id) : Promise.resolve(undefined),
  );

  const refusal = whyNotRedeemable(actorToken, { hash, generation: config.generation, now });
  if (!actorToken || refusal) throw new ApiError(refusal ?? 'ticket_invalid_code');
  const isStale = params.client && previousClient && !hasCurrentSecret(previousClient, params.client);
  if (isStale) throw new StaleClientError(previousClient.rotatedAt, now);

  const redemption = planRedemption(actorToken, previousClient, params, now);
  const { session, client, secret } = redemption;
  const [committed, signed, read] = await Promise.allSettled([
    commit(redemption, endPreviousSession(redemption)),
    signSessionToken(session, { origin: params.origin }, now),
    getUser(session.userId),
  ]);
  if (committed.status === 'rejected') throw committed.reason;
  note({ session_id: session.id });
  if (signed.status === 'rejected') logDropped('session_token', signed.reason);
  return {
    session,
    client,
    clientSecret: secret.secret,
    user: read.status === 'fulfilled' ? read.value : undefined,
    sessionToken: signed.status === 'fulfilled' ? signed.value : undefined,
  };
}
