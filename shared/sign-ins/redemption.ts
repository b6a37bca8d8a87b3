/**
 * What redeeming a ticket writes, as one transaction: each write with its condition, and beside it the error its failing
 * means. Ids, secret and nonce are drawn once per request, so that a repeat of the request to DynamoDB is the same request.
 */
import { randomUUID } from 'node:crypto';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { type ActorToken, whyNotRedeemable } from '../actor-tokens/actor-token.ts';
import { actorTokenFrom } from '../actor-tokens/actor-token-record.ts';
import type { Caller } from '../base/caller.ts';
import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import { newId, siblingId } from '../base/ids.ts';
import { type EpochMs, plusSeconds } from '../base/time.ts';
import type { Client } from '../clients/client.ts';
import { type ClientSecret, newClientSecret } from '../clients/client-cookie.ts';
import { clientAttributes, clientFrom, clientItem } from '../clients/client-record.ts';
import { StaleClientError } from '../clients/stale-client.ts';
import type { Session } from '../sessions/session.ts';
import { sessionEndUpdate, sessionItem } from '../sessions/session-record.ts';
import type { Item } from '../storage/write.ts';

export interface Redemption {
  /** Names this request: found in the actor token, it proves that the commit was ours. */
  readonly attempt: string;
  readonly actorToken: ActorToken;
  readonly session: Session;
  /** The browser as it was; undefined for a new one. */
  readonly previousClient: Client | undefined;
  readonly client: Client;
  readonly secret: ClientSecret;
  readonly caller: Caller;
  readonly now: EpochMs;
}

export interface GuardedWrite {
  readonly write: TransactWriteItem;
  readonly refusal: (current: Item | undefined) => ApiError;
}

const ALL_OLD = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

/** Draws what a redemption of this token by this browser would write. */
export function planRedemption(
  actorToken: ActorToken,
  previousClient: Client | undefined,
  { caller, origin }: { readonly caller: Caller; readonly origin: string | undefined },
  now: EpochMs,
): Redemption {
  const secret = newClientSecret();
  const session: Session = {
    id: siblingId('sess', actorToken.id),
    clientId: previousClient?.id ?? newId('client', now),
    clientSecretHash: secret.hash,
    userId: actorToken.userId,
    actor: actorToken.actor,
    actorTokenId: actorToken.id,
    generation: config.generation,
    createdAt: now,
    expireAt: plusSeconds(now, actorToken.sessionMaxDurationInSeconds),
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
    rotatedAt: now,
    generation: config.generation,
    createdAt: previousClient?.createdAt ?? now,
  };
  return { attempt: randomUUID(), actorToken, session, previousClient, client, secret, caller, now };
}

/** `pending → accepted`, once. */
export function acceptActorToken({ actorToken, session, client, attempt, caller, now }: Redemption): GuardedWrite {
  const isPending = '#status = :pending';
  const isUnexpired = 'expire_at > :now';
  const isTheIssued = 'ticket_hash = :hash AND generation = :generation';
  const values = {
    ':pending': 'pending',
    ':accepted': 'accepted',
    ':now': now,
    ':hash': actorToken.ticketHash,
    ':generation': config.generation,
    ':attempt': attempt,
    ':session': session.id,
    ':client': client.id,
    ':from': caller.sourceIp,
    ':with': caller.userAgent ?? null,
  };
  const set = 'SET #status = :accepted, updated_at = :now, attempt = :attempt, session_id = :session';
  return {
    write: {
      Update: {
        TableName: config.tables.actorTokens,
        Key: marshall({ id: actorToken.id }),
        UpdateExpression: `${set}, client_id = :client, accepted_from = :from, accepted_with = :with`,
        ConditionExpression: `${isPending} AND ${isUnexpired} AND ${isTheIssued}`,
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: marshall(values),
        ...ALL_OLD,
      },
    },
    refusal: (current) => {
      const found = current && actorTokenFrom(current);
      const asked = { hash: actorToken.ticketHash, generation: config.generation, now };
      return new ApiError(whyNotRedeemable(found, asked) ?? 'actor_token_cannot_be_used_code');
    },
  };
}

/**
 * The session's id follows from the actor token's, so a token whose record were ever set back to pending would still find
 * its session in the way.
 */
export function startSession({ session, caller }: Redemption): GuardedWrite {
  return {
    write: {
      Put: {
        TableName: config.tables.sessions,
        Item: sessionItem(session, caller),
        ConditionExpression: 'attribute_not_exists(id)',
      },
    },
    refusal: () => new ApiError('actor_token_already_used_code'),
  };
}

/** The browser now holds the new session, under a new secret. Of two sign-ins with the same cookie one finds it replaced. */
export function rotateClient({ previousClient, client, now }: Redemption): GuardedWrite {
  const table = { TableName: config.tables.clients };
  if (!previousClient) {
    return {
      write: { Put: { ...table, Item: clientItem(client), ConditionExpression: 'attribute_not_exists(id)' } },
      refusal: () => new ApiError('internal_clerk_error'),
    };
  }
  const attributes = clientAttributes(client);
  const names = Object.keys(attributes);
  const values = Object.entries(attributes).map(([name, value]) => [`:${name}`, value]);
  return {
    write: {
      Update: {
        ...table,
        Key: marshall({ id: client.id }),
        UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
        ConditionExpression: '#secret_hash = :presented AND generation = :generation',
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: marshall({
          ...Object.fromEntries(values),
          ':presented': previousClient.secretHash,
          ':generation': config.generation,
        }),
        ...ALL_OLD,
      },
    },
    refusal: (current) => new StaleClientError(current ? clientFrom(current).rotatedAt : now, now),
  };
}

/** The user is read beside the transaction only to be shown; whether they may be signed in as is decided here. */
export function checkUser({ session }: Redemption): GuardedWrite {
  return {
    write: {
      ConditionCheck: {
        TableName: config.tables.users,
        Key: marshall({ id: session.userId }),
        ConditionExpression: 'attribute_exists(id) AND banned = :false',
        ExpressionAttributeValues: marshall({ ':false': false }),
        ...ALL_OLD,
      },
    },
    refusal: (current) => new ApiError(current ? 'user_banned' : 'actor_token_subject_not_found'),
  };
}

/**
 * Ends the browser's session so far, as long as it can still be live. One that has been ended keeps the end it had; it is no
 * condition, because signing in after signing out would then always take a second transaction.
 */
export function endPreviousSession(redemption: Redemption): TransactWriteItem | undefined {
  const { previousClient, session, caller, now } = redemption;
  const canBeLive = previousClient && previousClient.sessionExpireAt > now && previousClient.sessionId !== session.id;
  if (!canBeLive) return undefined;
  const end = { status: 'removed', cause: 'sign_in', at: now, by: caller } as const;
  return { Update: sessionEndUpdate(previousClient.sessionId, end) };
}
