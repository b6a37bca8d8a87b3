import { randomUUID } from 'node:crypto';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { ActorToken } from '../actor-tokens/actor-token.ts';
import { getActorToken } from '../actor-tokens/actor-token-record.ts';
import { findOutcomeInTable } from '../actor-tokens/find-outcome-in-table.ts';
import { isRedeemable, notRedeemableError, presentationOf } from '../actor-tokens/presentation.ts';
import { recordRefusal } from '../actor-tokens/record-refusal.ts';
import { refusalError } from '../authority/refusal.ts';
import { both } from '../base/both.ts';
import type { BrowserCall } from '../base/call.ts';
import { logDropped } from '../base/log.ts';
import { count, note } from '../base/metrics.ts';
import type { Rule } from '../base/policy.ts';
import { blockIdsOf } from '../blocklist/block.ts';
import { blockKeysOf, whyBlocked } from '../blocklist/block-record.ts';
import { type Client, hasCurrentSecret, type PresentedClient } from '../clients/client.ts';
import { getClient } from '../clients/client-record.ts';
import { StaleClientError } from '../clients/stale-client.ts';
import { pageOf, type Session } from '../sessions/session.ts';
import { noteSession } from '../sessions/session-record.ts';
import { signSessionToken } from '../signing/session-token.ts';
import { fetchSessionKeys } from '../signing/signing-keys.ts';
import { verifyTicket } from '../signing/ticket.ts';
import { getItemsByKey } from '../storage/read.ts';
import { type TransactionOutcome, writeAll } from '../storage/write.ts';
import type { User } from '../users/user.ts';
import { getEntry } from './entry.ts';
import {
  acceptActorToken,
  checkUser,
  endPreviousSession,
  planRedemption,
  type Redemption,
  rotateClient,
  startSession,
  UserChangedError,
} from './redemption.ts';

interface SignInWithTicket {
  readonly ticket: string;
  /** The browser that presents the ticket; undefined for one without a cookie of this product. */
  readonly client: PresentedClient | undefined;
  /** The page's validated origin. */
  readonly origin: string | undefined;
}

export interface CompletedSignIn {
  readonly session: Session;
  readonly client: Client;
  /** Plaintext, for the cookie of the browser or the answer to a native application only. */
  readonly clientSecret: string;
  readonly user: User;
  /** Undefined when KMS did not sign, or the actor was blocked meanwhile: the browser then requests one next. */
  readonly sessionToken: string | undefined;
}

/** The outcome of a transaction that failed with an unknown result. */
async function findOutcome(redemption: Redemption, failure: unknown): Promise<TransactionOutcome> {
  const { ticket, actorToken, attempt, call } = redemption;
  const presentation = presentationOf(ticket, call);
  const whyNot = (current: ActorToken) =>
    isRedeemable(current, presentation) ? undefined : notRedeemableError(current, presentation);
  await findOutcomeInTable(call.instance, { id: actorToken.id, attempt, failure }, whyNot);
  return { committed: true };
}

/**
 * Commits the whole redemption or nothing. At most one call per actor token ever returns.
 *
 * @throws the refusal of the first failed condition
 */
async function commit(
  redemption: Redemption,
  judged: User,
  previousSession: TransactWriteItem | undefined,
): Promise<void> {
  const guarded = [
    acceptActorToken(redemption),
    startSession(redemption),
    rotateClient(redemption),
    checkUser(redemption, judged),
  ];
  const writes = [...guarded.map(({ write }) => write), ...(previousSession ? [previousSession] : [])];
  const outcome = await writeAll(redemption.call.instance, writes, randomUUID()).catch((failure: unknown) =>
    findOutcome(redemption, failure),
  );
  const isOurs = outcome.committed || outcome.failed[0]?.current?.attempt === redemption.attempt;
  if (isOurs) {
    count('Redeemed');
    count('SessionsStarted');
    if (previousSession) count('SessionsEnded', { end_cause: 'sign_in' });
    return;
  }

  for (const [index, { refusal }] of guarded.entries()) {
    const failed = outcome.failed[index];
    if (failed) throw refusal(failed.current);
  }
  // Only the condition of the previous session failed, because this browser has no such session: there is nothing to end.
  return commit(redemption, judged, undefined);
}

/** Verifies the ticket, reads actor token and client, and refuses early what the transaction would refuse. */
async function prepareRedemption(params: SignInWithTicket, call: BrowserCall): Promise<Redemption> {
  const { client: presented, origin } = params;
  const ticket = await verifyTicket(params.ticket, call);
  const [[actorToken, client]] = await both(
    both(
      getActorToken(call.instance, ticket.actorTokenId),
      presented ? getClient(call.instance, presented.id) : Promise.resolve(undefined),
    ),
    fetchSessionKeys(call.instance),
  );
  const presentation = presentationOf(ticket, call);
  if (!isRedeemable(actorToken, presentation)) throw notRedeemableError(actorToken, presentation);
  if (client && presented && !hasCurrentSecret(client, presented))
    throw new StaleClientError(client.rotatedAt, call.now);
  const browser = client && presented && { client, presented };
  return planRedemption({ ticket, actorToken, browser, origin }, call);
}

/**
 * True when the actor was blocked since the actor token was created, also by a block that was lifted again. The blocklist is read once more
 * while the session starts.
 */
async function isBlockedMeanwhile({ actorToken, call: { instance } }: Redemption): Promise<boolean> {
  const { actor, verified, createdAt } = actorToken;
  const ids = blockIdsOf(actor, verified);
  const itemOf = await getItemsByKey(instance, blockKeysOf(ids, instance));
  return whyBlocked(itemOf, { ids, createdAt }, instance) !== undefined;
}

/** A sign-in as it is completed for a user whom the policy has judged. */
async function complete(redemption: Redemption, user: User, mode: Rule['mode']): Promise<CompletedSignIn> {
  const { session, client, secret, origin, call } = redemption;
  const [committed, signed, blocked] = await Promise.allSettled([
    commit(redemption, user, endPreviousSession(redemption)),
    signSessionToken(session, { origin: pageOf(session, origin, call.instance), mode }, call),
    isBlockedMeanwhile(redemption),
  ]);
  if (committed.status === 'rejected') throw committed.reason;
  noteSession(session);
  note({ actor_sub: session.actor.sub });
  if (signed.status === 'rejected') logDropped('session_token', signed.reason);
  if (blocked.status === 'rejected') logDropped('blocklist', blocked.reason);
  // A block that was made meanwhile, or may have been: the browser requests a session token next, and that request ends the session.
  const mayHaveToken = signed.status === 'fulfilled' && blocked.status === 'fulfilled' && !blocked.value;
  return {
    session,
    client,
    clientSecret: secret.secret,
    user,
    sessionToken: mayHaveToken ? signed.value : undefined,
  };
}

/** How often a sign-in is judged again because its user has changed meanwhile. */
const ATTEMPTS = 3;

/**
 * Signs the browser in as the target of an actor token, whatever factors the target has set up, and ends the browser's
 * other session, atomically. At most one call per ticket ever succeeds; a call that fails changes nothing but the record of the refusal.
 *
 * @throws `ticket_invalid_code`, `ticket_expired_code`, `actor_token_revoked_code`, `actor_token_already_used_code`,
 * `actor_token_subject_not_found`, `user_banned`, `actor_token_cannot_be_used_code`, `not_allowed_access`, `authentication_invalid`
 * (StaleClientError), `too_many_requests`, `service_unavailable`
 */
export async function signInWithTicket(params: SignInWithTicket, call: BrowserCall): Promise<CompletedSignIn> {
  const redemption = await prepareRedemption(params, call);
  for (let attempt = 1; ; attempt += 1) {
    const { user, judgement } = await getEntry(redemption.actorToken, call);
    if (!judgement.isAllowed) {
      // The refusal stands whether or not it can be recorded.
      await recordRefusal(redemption.actorToken, judgement, call).catch((error: unknown) =>
        logDropped('refusal', error),
      );
      throw refusalError(judgement);
    }
    try {
      return await complete(redemption, user, judgement.rule?.mode);
    } catch (error) {
      if (!(error instanceof UserChangedError) || attempt === ATTEMPTS) throw error;
    }
  }
}
