import { createHash } from 'node:crypto';
import type { Instance } from '../base/instance.ts';
import { type UnsignedTicket, unsignedTicket } from '../signing/ticket.ts';
import type { ActorToken } from './actor-token.ts';

/** The members of an actor token that its ticket states or covers. */
type TicketMembers = Pick<
  ActorToken,
  'id' | 'userId' | 'actor' | 'sessionMaxDurationInSeconds' | 'generation' | 'createdAt' | 'expireAt'
>;

/** The first value of a permit. It changes when a permit covers other values, so that no two kinds of permits can be equal. */
const PERMIT_VERSION = 1;

/** SHA-256, in base64url, of what an actor token permits: the user, the actor, the duration of the session, the generation. */
function permitOf({ userId, actor, sessionMaxDurationInSeconds, generation }: TicketMembers): string {
  const values = [PERMIT_VERSION, userId, JSON.stringify(actor), sessionMaxDurationInSeconds, generation];
  return createHash('sha256').update(JSON.stringify(values)).digest('base64url');
}

/**
 * The ticket of an actor token, without its signature. It follows from the actor token alone: when one of these members is changed, the
 * signature that KMS made is no longer its signature.
 */
export function unsignedTicketOf(token: TicketMembers, instance: Instance): UnsignedTicket {
  return unsignedTicket(instance, { ...token, permit: permitOf(token) });
}
