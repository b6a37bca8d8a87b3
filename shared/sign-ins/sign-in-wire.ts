import { ApiError } from '../base/errors.ts';
import { siblingId } from '../base/ids.ts';
import { DAY_IN_SECONDS, type EpochMs, plusSeconds } from '../base/time.ts';
import { formField } from '../base/url-params.ts';
import { clientJson } from '../clients/client-wire.ts';
import { identifierOf } from '../users/user.ts';
import type { CompletedSignIn } from './sign-in-with-ticket.ts';

/** @throws `form_param_missing`, `form_param_value_invalid`, `form_conditional_param_missing`, `form_param_duplicate` */
export function parseCreateSignIn(form: URLSearchParams): { readonly ticket: string } {
  const strategy = formField(form, 'strategy');
  const ticket = formField(form, 'ticket');
  if (strategy === undefined) throw new ApiError({ code: 'form_param_missing', meta: { param_name: 'strategy' } });
  if (strategy !== 'ticket') {
    const sentence = 'The only strategy of this instance is ticket.';
    throw new ApiError({ code: 'form_param_value_invalid', meta: { param_name: 'strategy' }, sentence });
  }
  if (ticket === undefined) {
    const sentence = 'ticket is required when strategy is ticket.';
    throw new ApiError({ code: 'form_conditional_param_missing', meta: { param_name: 'ticket' }, sentence });
  }
  return { ticket };
}

/** The completed sign-in and the client it changed. Source: Clerk's public OpenAPI document, Client.SignIn. */
export function completedSignInJson(signIn: Omit<CompletedSignIn, 'clientSecret'>, now: EpochMs) {
  const { session, client, user, sessionToken } = signIn;
  const response = {
    object: 'sign_in_attempt',
    id: siblingId('sia', session.id),
    status: 'complete',
    supported_identifiers: ['email_address'],
    supported_first_factors: [{ strategy: 'ticket' }],
    supported_second_factors: null,
    first_factor_verification: {
      object: 'verification_ticket',
      status: 'verified',
      strategy: 'ticket',
      attempts: null,
      expire_at: null,
    },
    second_factor_verification: null,
    identifier: user ? identifierOf(user) : null,
    user_data: user ? { first_name: user.firstName, last_name: user.lastName, image_url: '', has_image: false } : null,
    created_session_id: session.id,
    abandon_at: plusSeconds(session.createdAt, DAY_IN_SECONDS),
  };
  return { response, client: clientJson(client, { session, user, sessionToken }, now) };
}
