/**
 * An actor token: permission for an actor to sign in as a user, once. `pending → accepted` (redeemed) and
 * `pending → revoked` are its only transitions, both final; expiry is derived from the time and is not a stored status.
 */
import type { Call } from '../base/call.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { ActorTokenId, SessionId, UserId } from '../base/ids.ts';
import type { EpochMs } from '../base/time.ts';

type ActorTokenStatus = 'pending' | 'accepted' | 'revoked';

/** Opaque except for `sub`: carried unchanged from the request into `act`. */
export type Actor = Readonly<Record<string, unknown>> & { readonly sub: string };

/** The actor and the user they act as. An actor token permits it, and the session that it starts has the same. */
export interface Impersonation {
  readonly userId: UserId;
  readonly actor: Actor;
}

export interface ActorToken extends Impersonation {
  readonly id: ActorTokenId;
  readonly status: ActorTokenStatus;
  /** SHA-256 of the ticket's signing input, in hexadecimal; the ticket itself is not stored. */
  readonly ticketHash: string;
  readonly expireAt: EpochMs;
  readonly sessionMaxDurationInSeconds: number;
  readonly generation: number;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  /** The session that the redemption started; set when accepted. */
  readonly sessionId: SessionId | undefined;
  /** Nonce of the request that accepted or revoked it. */
  readonly attempt: string | undefined;
}

/** The members that the caller chooses when an actor token is created, besides the user and the life of the ticket. */
export type ActorTokenChoices = Pick<ActorToken, 'actor' | 'sessionMaxDurationInSeconds'>;

/** A ticket that is presented to this generation of the instance, at a time. */
interface Presentation {
  /** SHA-256 of the presented ticket's signing input. */
  readonly hash: string;
  readonly generation: number;
  readonly now: EpochMs;
}

/** The presentation of a verified ticket in a call. */
export function presentationOf({ hash }: Pick<Presentation, 'hash'>, { instance, now }: Call): Presentation {
  return { hash, generation: instance.generation, now };
}

function isIssuedFor(token: ActorToken, { hash, generation }: Presentation): boolean {
  return token.generation === generation && token.ticketHash === hash;
}

/** True when this ticket can redeem the token now. */
export function isRedeemable(token: ActorToken | undefined, presentation: Presentation): token is ActorToken {
  if (!token || !isIssuedFor(token, presentation)) return false;
  return token.status === 'pending' && presentation.now < token.expireAt;
}

/** The error for a token that is not redeemable. */
export function whyNotRedeemable(token: ActorToken | undefined, presentation: Presentation): ErrorCode {
  if (!token || !isIssuedFor(token, presentation)) return 'ticket_invalid_code';
  switch (token.status) {
    case 'revoked':
      return 'actor_token_revoked_code';
    case 'accepted':
      return 'actor_token_already_used_code';
    case 'pending':
      return 'ticket_expired_code';
  }
}
