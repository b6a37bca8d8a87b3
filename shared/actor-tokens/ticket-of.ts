import { createHash } from 'node:crypto';
import type { Instance } from '../base/instance.ts';
import { type UnsignedTicket, unsignedTicket } from '../signing/ticket.ts';
import type { ActorToken } from './actor-token.ts';

/** The members of an actor token that its ticket states or covers. */
type TicketMembers = Pick<
  ActorToken,
  'id' | 'userId' | 'externalId' | 'actor' | 'sessionMaxDurationInSeconds' | 'generation' | 'createdAt' | 'expireAt'
>;

/**
 * SHA-256, in base64url, of what an actor token permits: the user by both ids, the actor, the duration of the session, the generation.
 * The first value is the version. It changes when a permit covers other values, so that no two kinds of permits can be equal. One
 * without an external id covers what the first version did, so that what was signed before is still valid.
 */
function permitOf(token: TicketMembers): string {
  const { userId, externalId, actor, sessionMaxDurationInSeconds, generation } = token;
  const common = [userId, JSON.stringify(actor), sessionMaxDurationInSeconds, generation];
  const values = externalId === undefined ? [1, ...common] : [2, ...common, externalId];
  return createHash('sha256').update(JSON.stringify(values)).digest('base64url');
}

/**
 * The ticket of an actor token, without its signature. It follows from the actor token alone: when one of these members is changed, the
 * signature that KMS made is no longer its signature.
 */
export function unsignedTicketOf(token: TicketMembers, instance: Instance): UnsignedTicket {
  return unsignedTicket(instance, { ...token, permit: permitOf(token) });
}
