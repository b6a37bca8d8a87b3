/**
 * The writes of a redemption, as one transaction: each write with its condition, and beside it the error that its failed condition
 * means. Ids, secret and nonce are generated once per request, so a repetition of the transaction is the same transaction.
 */
import { randomUUID } from 'node:crypto';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Acceptance, ActorToken } from '../actor-tokens/actor-token.ts';
import { acceptanceAttributes, actorTokenFrom } from '../actor-tokens/actor-token-record.ts';
import { notRedeemableError, presentationOf } from '../actor-tokens/presentation.ts';
import type { BrowserCall } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { newId, siblingId } from '../base/ids.ts';
import { blockIdsOf } from '../blocklist/block.ts';
import type { Client, PresentedClient } from '../clients/client.ts';
import { clientItem, signInAttributes } from '../clients/client-record.ts';
import { type ClientSecret, newClientSecret } from '../clients/client-secret.ts';
import { StaleClientError } from '../clients/stale-client.ts';
import { grantedSession, type Session } from '../sessions/session.ts';
import { endChange, ofBrowser, sessionItem } from '../sessions/session-record.ts';
import type { TicketReference } from '../signing/ticket.ts';
import type { Item } from '../storage/item.ts';
import { updateInput } from '../storage/update.ts';
import { hasKeptExternalId, isUnbannedSince, type User, whyNotEntered } from '../users/user.ts';
import { userFrom } from '../users/user-record.ts';

/** A browser that signed in before, and the cookie it presents. */
interface ReturningBrowser {
  readonly client: Client;
  readonly presented: PresentedClient;
}

/** The values from which a redemption is planned. */
interface RedemptionBasis {
  readonly ticket: TicketReference;
  readonly actorToken: ActorToken;
  /** Undefined for a browser that has no client yet. */
  readonly browser: ReturningBrowser | undefined;
  /** The page's validated origin. */
  readonly origin: string | undefined;
}

export interface Redemption extends RedemptionBasis {
  /** Nonce of this request; if the stored token carries it, this request's write was committed. */
  readonly attempt: string;
  readonly acceptance: Acceptance;
  readonly session: Session;
  readonly client: Client;
  readonly secret: ClientSecret;
  readonly call: BrowserCall;
}

/** A write of the transaction, and the error that its failed condition means. */
interface GuardedWrite {
  readonly write: TransactWriteItem;
  readonly refusal: (current: Item | undefined) => ApiError;
}

const ALL_OLD = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

/** Generates the session, the client and the secret that the redemption writes. */
export function planRedemption(basis: RedemptionBasis, call: BrowserCall): Redemption {
  const { ticket, actorToken, browser, origin } = basis;
  const { instance, now } = call;
  const secret = newClientSecret();
  const acceptance: Acceptance = {
    at: now,
    from: call.caller.sourceIp,
    sessionId: siblingId('sess', actorToken.id),
    clientId: browser?.client.id ?? newId('client', now),
    clientSecretHash: secret.hash,
    ticketSignature: ticket.signature,
  };
  const session: Session = {
    ...grantedSession(actorToken, acceptance),
    lastActiveAt: now,
    origin,
    endStatus: undefined,
    endedAt: undefined,
  };
  const client: Client = {
    id: session.clientId,
    secretHash: secret.hash,
    sessionId: session.id,
    sessionExpireAt: session.expireAt,
    userId: session.userId,
    blockIds: blockIdsOf(session.actor, session.verified),
    rotatedAt: now,
    generation: instance.generation,
    createdAt: browser?.client.createdAt ?? now,
  };
  return { ...basis, attempt: randomUUID(), acceptance, session, client, secret, call };
}

/** `pending → accepted`, once, for the presented ticket. */
export function acceptActorToken(redemption: Redemption): GuardedWrite {
  const { ticket, acceptance, attempt, call } = redemption;
  const { instance, caller, now } = call;
  const isPending = '#status = :pending';
  const isUnexpired = 'expire_at > :now';
  const isIssuedForTicket = 'ticket_hash = :hash AND generation = :generation';
  const update = updateInput({
    table: instance.tables.actorTokens,
    key: { id: ticket.actorTokenId },
    set: acceptanceAttributes({ attempt, caller, now }, acceptance),
    condition: `${isPending} AND ${isUnexpired} AND ${isIssuedForTicket}`,
    values: { pending: 'pending', now, hash: ticket.hash, generation: instance.generation },
  });
  return {
    write: { Update: { ...update, ...ALL_OLD } },
    refusal: (current) => notRedeemableError(current && actorTokenFrom(current), presentationOf(ticket, call)),
  };
}

/**
 * The id of the session is derived from the id of the actor token. Even if the item of the token were set back to pending, its session
 * would exist, and this write would be refused.
 */
export function startSession({ session, call: { instance, caller } }: Redemption): GuardedWrite {
  return {
    write: {
      Put: {
        TableName: instance.tables.sessions,
        Item: sessionItem(session, caller, instance),
        ConditionExpression: 'attribute_not_exists(id)',
      },
    },
    refusal: () => new ApiError('actor_token_already_used_code'),
  };
}

/**
 * Gives the new session and a new secret to the browser. The secret that the browser presented must still be the stored one: of two
 * sign-ins with the same cookie, the second is refused.
 */
export function rotateClient({ browser, client, call: { instance, now } }: Redemption): GuardedWrite {
  const table = instance.tables.clients;
  if (!browser) {
    const isNew = 'attribute_not_exists(id)';
    return {
      write: { Put: { TableName: table, Item: clientItem(client), ConditionExpression: isNew } },
      refusal: () => new ApiError('internal_clerk_error'),
    };
  }
  const update = updateInput({
    table,
    key: { id: client.id },
    set: signInAttributes(client),
    condition: '#secret_hash = :presented AND generation = :generation',
    values: { presented: browser.presented.secretHash, generation: instance.generation },
  });
  return {
    write: { Update: update },
    // The request has read the presented secret, so it was replaced a moment ago.
    refusal: () => new StaleClientError(now, now),
  };
}

/** The user has changed since the policy judged them. Every change of a user raises `updated_at`. */
export class UserChangedError extends ApiError {
  constructor() {
    super('too_many_requests');
  }
}

/**
 * Checks that the user exists, and was not banned and has kept the external id since the actor token was created. Where there is a policy,
 * the user must also be as it judged them.
 */
export function checkUser(
  { session, actorToken: { createdAt, externalId }, call: { instance } }: Redemption,
  judged: User,
): GuardedWrite {
  // A user who does not exist is not `banned = false` either.
  const isNotBanned = 'banned = :false';
  const wasNotBanned = '(attribute_not_exists(unbanned_at) OR unbanned_at <= :token_created_at)';
  const keepsExternalId = externalId === undefined ? '' : ' AND external_id = :external_id';
  const { policy } = instance.authority;
  const isAsJudged = policy ? ' AND updated_at = :judged' : '';
  return {
    write: {
      ConditionCheck: {
        TableName: instance.tables.users,
        Key: marshall({ id: session.userId }),
        ConditionExpression: `${isNotBanned} AND ${wasNotBanned}${keepsExternalId}${isAsJudged}`,
        ExpressionAttributeValues: marshall(
          {
            ':false': false,
            ':token_created_at': createdAt,
            ':external_id': externalId,
            ':judged': policy && judged.updatedAt,
          },
          { removeUndefinedValues: true },
        ),
        ...ALL_OLD,
      },
    },
    refusal: (current) => {
      const user = current && userFrom(current);
      const canBeEntered = user && isUnbannedSince(user, createdAt) && hasKeptExternalId(user, externalId);
      return canBeEntered ? new UserChangedError() : new ApiError(whyNotEntered(user));
    },
  };
}

/**
 * Ends the previous session of the browser, if it can still be live. A session that has ended keeps its end. The sign-in does not require
 * that session: when it does not exist, or is another browser's, `commit` repeats the transaction without this write.
 */
export function endPreviousSession({ browser, session, call }: Redemption): TransactWriteItem | undefined {
  const { instance, caller, now } = call;
  const previous = browser?.client;
  const canBeLive = previous && previous.sessionExpireAt > now && previous.sessionId !== session.id;
  if (!canBeLive) return undefined;
  const end = { status: 'removed', cause: 'sign_in', at: now, by: caller } as const;
  const { condition, values, ...change } = endChange(instance, previous.sessionId, end);
  const isOfThisBrowser = ofBrowser(previous);
  const narrowed = {
    ...change,
    condition: `${condition} AND ${isOfThisBrowser.condition}`,
    values: { ...values, ...isOfThisBrowser.values },
  };
  return { Update: updateInput(narrowed) };
}
