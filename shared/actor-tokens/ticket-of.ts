import { createHash } from 'node:crypto';
import type { Instance } from '../base/instance.ts';
import { type UnsignedTicket, unsignedTicket } from '../signing/ticket.ts';
import type { ActorToken } from './actor-token.ts';

/** The members of an actor token that its ticket states or covers. */
type TicketMembers = Pick<
  ActorToken,
  | 'id'
  | 'userId'
  | 'externalId'
  | 'actor'
  | 'verified'
  | 'reason'
  | 'sessionMaxDurationInSeconds'
  | 'generation'
  | 'createdAt'
  | 'createdFrom'
  | 'expireAt'
>;

/** The values that a permit covers, after its version. */
function permitted(token: TicketMembers): readonly unknown[] {
  const { userId, externalId, actor, verified, reason, createdFrom, sessionMaxDurationInSeconds, generation } = token;
  const common = [userId, JSON.stringify(actor), sessionMaxDurationInSeconds, generation];
  if (verified !== undefined || reason !== undefined)
    return [3, ...common, externalId ?? null, verified ? JSON.stringify(verified) : null, reason ?? null, createdFrom];
  return externalId === undefined ? [1, ...common] : [2, ...common, externalId];
}

/**
 * SHA-256, in base64url, of what an actor token permits: the user by both ids, the actor, the duration of the session, the generation,
 * the operator and the reason, and with either of these two the address of the request. The first value is the version. It changes when a
 * permit covers other values, so that no two kinds of permits can be equal. One without the values that a version added covers what the
 * version before it did, so that what was signed before is still valid.
 */
function permitOf(token: TicketMembers): string {
  return createHash('sha256')
    .update(JSON.stringify(permitted(token)))
    .digest('base64url');
}

/**
 * The ticket of an actor token, without its signature. It follows from the actor token alone: when one of these members is changed, the
 * signature that KMS made is no longer its signature.
 */
export function unsignedTicketOf(token: TicketMembers, instance: Instance): UnsignedTicket {
  return unsignedTicket(instance, { ...token, permit: permitOf(token) });
}
