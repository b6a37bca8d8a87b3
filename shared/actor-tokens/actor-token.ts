/**
 * An actor token: permission for an actor to sign in as a user, once. `pending → accepted` (redeemed) and
 * `pending → revoked` are its only transitions, both final; expiry is derived from the time and stored nowhere as a status.
 */
import type { ErrorCode } from '../base/errors.ts';
import type { ActorTokenId, SessionId, UserId } from '../base/ids.ts';
import type { EpochMs } from '../base/time.ts';

export type ActorTokenStatus = 'pending' | 'accepted' | 'revoked';

/** Opaque but for `sub`: carried unchanged from the request into `act`. */
export type Actor = Readonly<Record<string, unknown>> & { readonly sub: string };

export interface ActorToken {
  readonly id: ActorTokenId;
  readonly status: ActorTokenStatus;
  readonly userId: UserId;
  readonly actor: Actor;
  /** SHA-256 of the ticket's signing input; the ticket itself is not stored. */
  readonly ticketHash: string;
  readonly expireAt: EpochMs;
  readonly sessionMaxDurationInSeconds: number;
  readonly generation: number;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  /** The session it was redeemed for; set when accepted. */
  readonly sessionId: SessionId | undefined;
  /** Nonce of the request that accepted or revoked it. */
  readonly attempt: string | undefined;
}

/** The error a redemption must be refused with, or undefined when the token can be redeemed now. Pure. */
export function whyNotRedeemable(
  token: ActorToken | undefined,
  { hash, generation, now }: { readonly hash: string; readonly generation: number; readonly now: EpochMs },
): ErrorCode | undefined {
  if (!token || token.generation !== generation || token.ticketHash !== hash) return 'ticket_invalid_code';
  switch (token.status) {
    case 'revoked':
      return 'actor_token_revoked_code';
    case 'accepted':
      return 'actor_token_already_used_code';
    case 'pending':
      return token.expireAt <= now ? 'ticket_expired_code' : undefined;
  }
}
