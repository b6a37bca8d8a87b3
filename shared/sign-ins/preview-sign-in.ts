import type { ActorToken } from '../actor-tokens/actor-token.ts';
import { getActorToken } from '../actor-tokens/actor-token-record.ts';
import { isRedeemable, presentationOf, whyNotRedeemable } from '../actor-tokens/presentation.ts';
import type { Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { note } from '../base/metrics.ts';
import type { TicketReference } from '../signing/ticket.ts';
import { getUser } from '../users/read-users.ts';
import { hasKeptExternalId, isUnbannedSince, type User, whyNotEntered } from '../users/user.ts';

/** The facts about a sign-in, before the ticket is redeemed. */
export interface SignInPreview {
  readonly actorToken: ActorToken;
  readonly user: User;
}

/**
 * Returns the sign-in that the redemption of a verified ticket would cause now. It only reads, so it is safe to repeat.
 *
 * @throws the refusals of the redemption: `ticket_invalid_code`, `ticket_expired_code`, `actor_token_revoked_code`,
 * `actor_token_already_used_code`, `actor_token_subject_not_found`, `user_banned`, `actor_token_cannot_be_used_code`;
 * `too_many_requests`
 */
export async function previewSignIn(ticket: TicketReference, call: Call): Promise<SignInPreview> {
  const { instance } = call;
  const actorToken = await getActorToken(instance, ticket.actorTokenId);
  const presentation = presentationOf(ticket, call);
  if (!isRedeemable(actorToken, presentation)) throw new ApiError(whyNotRedeemable(actorToken, presentation));
  const user = await getUser(instance, actorToken.userId);
  const { createdAt, externalId } = actorToken;
  if (!user || !isUnbannedSince(user, createdAt) || !hasKeptExternalId(user, externalId))
    throw new ApiError(whyNotEntered(user));
  note({ user_id: user.id });
  return { actorToken, user };
}
