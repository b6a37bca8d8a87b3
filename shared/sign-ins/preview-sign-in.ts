import { type ActorToken, whyNotRedeemable } from '../actor-tokens/actor-token.ts';
import { getActorToken } from '../actor-tokens/actor-token-record.ts';
import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import type { TicketReference } from '../signing/ticket.ts';
import { getUser } from '../users/get-user.ts';
import type { User } from '../users/user.ts';

/** Who would be signed in as whom, by a ticket that can be redeemed. */
export interface SignInPreview {
  readonly actorToken: ActorToken;
  readonly user: User;
}

/**
 * What redeeming a verified ticket would do now. Only reads, so it can be asked any number of times.
 *
 * @throws what the redemption would be refused with: `ticket_invalid_code`, `ticket_expired_code`, `actor_token_revoked_code`,
 * `actor_token_already_used_code`, `actor_token_subject_not_found`, `user_banned`; `service_unavailable`
 */
export async function previewSignIn({ actorTokenId, hash }: TicketReference, now: EpochMs): Promise<SignInPreview> {
  const actorToken = await getActorToken(actorTokenId);
  const refusal = whyNotRedeemable(actorToken, { hash, generation: config.generation, now });
  if (!actorToken || refusal) throw new ApiError(refusal ?? 'ticket_invalid_code');
  const user = await getUser(actorToken.userId);
  if (!user) throw new ApiError('actor_token_subject_not_found');
  if (user.banned) throw new ApiError('user_banned');
  return { actorToken, user };
}
