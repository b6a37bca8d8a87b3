// Decides whether a presented ticket redeems an actor token.
import type { Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import type { Acceptance, ActorToken } from './actor-token.ts';
import { unsignedTicketOf } from './ticket-of.ts';

/** A ticket that is presented to this instance, at a time. */
interface Presentation extends Call {
  /** SHA-256 of the presented ticket's signing input. */
  readonly hash: string;
}

/** The presentation of a verified ticket in a call. */
export function presentationOf({ hash }: Pick<Presentation, 'hash'>, { instance, now }: Call): Presentation {
  return { hash, instance, now };
}

/** True when the presented ticket is the one of this token, and the token still permits what its ticket was signed for. */
function isIssuedFor(token: ActorToken, { hash, instance }: Presentation): boolean {
  const isTicketOf = token.ticketHash === hash && unsignedTicketOf(token, instance).hash === hash;
  return isTicketOf && token.generation === instance.generation;
}

/** True when this ticket can redeem the token now. */
export function isRedeemable(token: ActorToken | undefined, presentation: Presentation): token is ActorToken {
  if (!token || !isIssuedFor(token, presentation)) return false;
  return token.status === 'pending' && presentation.now < token.expireAt;
}

/** A ticket that has been used. Only the page of the link shows when, and whether in the same browser. */
export class AlreadyUsedError extends ApiError {
  readonly acceptance: Pick<Acceptance, 'at' | 'clientId' | 'clientSecretHash'>;

  constructor(acceptance: AlreadyUsedError['acceptance']) {
    super('actor_token_already_used_code');
    this.acceptance = acceptance;
  }
}

function errorOfStatus({ status, acceptance }: ActorToken): ApiError {
  switch (status) {
    case 'revoked':
      return new ApiError('actor_token_revoked_code');
    case 'accepted':
      return acceptance ? new AlreadyUsedError(acceptance) : new ApiError('actor_token_already_used_code');
    case 'pending':
      return new ApiError('ticket_expired_code');
    case 'refused':
      return new ApiError('ticket_invalid_code');
  }
}

/** The error for a token that is not redeemable. */
export function notRedeemableError(token: ActorToken | undefined, presentation: Presentation): ApiError {
  if (!token || !isIssuedFor(token, presentation)) return new ApiError('ticket_invalid_code');
  return errorOfStatus(token);
}
