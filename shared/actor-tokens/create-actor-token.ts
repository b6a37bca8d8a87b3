import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Caller } from '../base/caller.ts';
import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import { isId, newId, type SecretKeyId } from '../base/ids.ts';
import { count, note } from '../base/metrics.ts';
import { type EpochMs, fromNumericDate, plusSeconds, toNumericDate } from '../base/time.ts';
import { signTicket, unsignedTicket } from '../signing/ticket.ts';
import { write } from '../storage/write.ts';
import { getUser } from '../users/get-user.ts';
import type { Actor, ActorToken } from './actor-token.ts';
import { actorTokenTtl } from './actor-token-record.ts';

export interface CreateActorToken {
  readonly userId: string;
  readonly actor: Actor;
  readonly expiresInSeconds: number;
  readonly sessionMaxDurationInSeconds: number;
}

export interface CreatedActorToken {
  readonly actorToken: ActorToken;
  /** Handed out this once; what is stored cannot make it again. */
  readonly ticket: string;
}

async function putActorToken(token: ActorToken, caller: Caller & { readonly secretKeyId: SecretKeyId }): Promise<void> {
  const item = {
    id: token.id,
    status: token.status,
    user_id: token.userId,
    actor: JSON.stringify(token.actor),
    ticket_hash: token.ticketHash,
    expire_at: token.expireAt,
    session_max_duration_in_seconds: token.sessionMaxDurationInSeconds,
    generation: token.generation,
    created_at: token.createdAt,
    updated_at: token.updatedAt,
    created_by: caller.secretKeyId,
    created_from: caller.sourceIp,
    created_with: caller.userAgent,
    ttl: actorTokenTtl(token.expireAt, token.sessionMaxDurationInSeconds),
  };
  const outcome = await write(
    new PutItemCommand({
      TableName: config.tables.actorTokens,
      Item: marshall(item, { removeUndefinedValues: true }),
      // A first copy of this write, held up in the network, must not turn a redeemed token pending again.
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
  const isOurs = outcome.committed || outcome.current?.ticket_hash === token.ticketHash;
  if (!isOurs) throw new Error('An actor token with this id exists already.');
  count('Created');
}

/**
 * Makes a pending actor token and its ticket. For an unknown user nothing is signed or stored.
 *
 * @throws `resource_not_found`, `too_many_requests`, `service_unavailable`
 */
export async function createActorToken(
  params: CreateActorToken,
  caller: Caller & { readonly secretKeyId: SecretKeyId },
  now: EpochMs,
): Promise<CreatedActorToken> {
  const user = isId('user', params.userId) ? await getUser(params.userId) : undefined;
  if (!user) throw new ApiError({ code: 'resource_not_found', sentence: 'No user was found with this user_id.' });

  const id = newId('act', now);
  note({ actor_token_id: id });
  // The ticket says its end in whole seconds, and the store must not know a later one.
  const expireAt = fromNumericDate(toNumericDate(plusSeconds(now, params.expiresInSeconds)));
  const ticket = unsignedTicket(id, expireAt, params.expiresInSeconds);
  const actorToken: ActorToken = {
    id,
    status: 'pending',
    userId: user.id,
    actor: params.actor,
    ticketHash: ticket.hash,
    expireAt,
    sessionMaxDurationInSeconds: params.sessionMaxDurationInSeconds,
    generation: config.generation,
    createdAt: now,
    updatedAt: now,
    sessionId: undefined,
    attempt: undefined,
  };

  const [signed, stored] = await Promise.allSettled([signTicket(ticket), putActorToken(actorToken, caller)]);
  if (stored.status === 'rejected') throw stored.reason;
  if (signed.status === 'rejected') throw signed.reason;
  return { actorToken, ticket: signed.value };
}
