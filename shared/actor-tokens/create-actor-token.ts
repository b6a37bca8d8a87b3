import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { BackendCall } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { count, note } from '../base/metrics.ts';
import { type EpochMs, fromNumericDate, plusSeconds, toNumericDate } from '../base/time.ts';
import { signTicket } from '../signing/ticket.ts';
import { write } from '../storage/write.ts';
import { findUserId, getUser } from '../users/read-users.ts';
import type { ActorToken, ActorTokenChoices } from './actor-token.ts';
import { actorTokenItem } from './actor-token-record.ts';
import { unsignedTicketOf } from './ticket-of.ts';

export interface CreateActorToken extends ActorTokenChoices {
  /** The id of the user, or the external id. */
  readonly userId: string;
  readonly expiresInSeconds: number;
}

interface CreatedActorToken {
  readonly actorToken: ActorToken;
  /** The plaintext ticket. It cannot be created again from the stored item. */
  readonly ticket: string;
}

async function putActorToken(token: ActorToken, { instance, caller }: BackendCall): Promise<void> {
  const put = new PutItemCommand({
    TableName: instance.tables.actorTokens,
    Item: actorTokenItem(token, caller, instance),
    // The SDK can send a write twice. A copy that arrives late must not make a redeemed token pending again.
    ConditionExpression: 'attribute_not_exists(id)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  const outcome = await write(instance, put);
  const isOurs = outcome.committed || outcome.current?.ticket_hash === token.ticketHash;
  if (!isOurs) throw new Error('An actor token with this id exists already.');
  count('Created');
}

/** The ticket states its expiry in whole seconds, and the stored expiry must not be later. */
function expiryOf(expiresInSeconds: number, now: EpochMs): EpochMs {
  return fromNumericDate(toNumericDate(plusSeconds(now, expiresInSeconds)));
}

/**
 * Creates a pending actor token and its ticket. For an unknown user nothing is signed or stored.
 *
 * @throws `resource_not_found`, `too_many_requests`, `service_unavailable`
 */
export async function createActorToken(
  { userId: named, expiresInSeconds, ...chosen }: CreateActorToken,
  call: BackendCall,
): Promise<CreatedActorToken> {
  const { instance, now } = call;
  const userId = await findUserId(instance, named);
  const user = userId && (await getUser(instance, userId));
  if (!user) throw new ApiError({ code: 'resource_not_found', sentence: 'No user was found with this user_id.' });

  const id = newId('act', now);
  note({ actor_token_id: id, user_id: user.id, actor_sub: chosen.actor.sub });
  const permitted = {
    ...chosen,
    id,
    userId: user.id,
    externalId: user.externalId ?? undefined,
    expireAt: expiryOf(expiresInSeconds, now),
    generation: instance.generation,
    createdAt: now,
  };
  const ticket = unsignedTicketOf(permitted, instance);
  const actorToken: ActorToken = {
    ...permitted,
    status: 'pending',
    ticketHash: ticket.hash,
    updatedAt: now,
    acceptance: undefined,
    attempt: undefined,
  };

  const [signed, stored] = await Promise.allSettled([signTicket(instance, ticket), putActorToken(actorToken, call)]);
  if (stored.status === 'rejected') throw stored.reason;
  if (signed.status === 'rejected') throw signed.reason;
  return { actorToken, ticket: signed.value };
}
