import type { ActorToken } from '../actor-tokens/actor-token.ts';
import { getActorToken } from '../actor-tokens/actor-token-record.ts';
import { isRedeemable, notRedeemableError, presentationOf } from '../actor-tokens/presentation.ts';
import { refusalError } from '../authority/refusal.ts';
import type { BrowserCall } from '../base/call.ts';
import type { TicketReference } from '../signing/ticket.ts';
import type { User } from '../users/user.ts';
import { getEntry } from './entry.ts';

/** The facts about a sign-in, before the ticket is redeemed. */
export interface SignInPreview {
  readonly actorToken: ActorToken;
  readonly user: User;
}

/**
 * Returns the sign-in that the redemption of a verified ticket would cause now. It only reads, so it is safe to repeat.
 *
 * @throws the refusals of the redemption: `ticket_invalid_code`, `ticket_expired_code`, `actor_token_revoked_code`,
 * `actor_token_already_used_code`, `actor_token_subject_not_found`, `user_banned`, `actor_token_cannot_be_used_code`, `not_allowed_access`;
 * `too_many_requests`, `service_unavailable`
 */
export async function previewSignIn(ticket: TicketReference, call: BrowserCall): Promise<SignInPreview> {
  const actorToken = await getActorToken(call.instance, ticket.actorTokenId);
  const presentation = presentationOf(ticket, call);
  if (!isRedeemable(actorToken, presentation)) throw notRedeemableError(actorToken, presentation);
  const { user, judgement } = await getEntry(actorToken, call);
  if (!judgement.isAllowed) throw refusalError(judgement);
  return { actorToken, user };
}
