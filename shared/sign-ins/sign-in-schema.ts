// Reads the form of a sign-in, and writes a sign-in as it is answered.
import * as v from 'valibot';
import type { Call } from '../base/call.ts';
import { siblingId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { DAY_IN_SECONDS, plusSeconds } from '../base/time.ts';
import { parseForm } from '../base/url-params.ts';
import { clientJson } from '../sessions/client-schema.ts';
import { identifierOf, type User } from '../users/user.ts';
import type { completedSignInAnswer, signInAnswer } from './sign-in-answer.ts';
import type { CompletedSignIn } from './sign-in-with-ticket.ts';

/** A ticket as a parameter. */
export const ticketParam = v.pipe(
  v.string('form_conditional_param_missing'),
  v.metadata({ minLength: 1, maxLength: limits.ticketBytes, examples: ['header.payload.signature'] }),
  v.description('The `token` of an actor token.'),
);

/** The parameters of the accept link, and of the form on its page. */
export const linkParams = {
  ticket: ticketParam,
  redirect_url: v.optional(
    v.pipe(
      v.string(),
      v.metadata({ format: 'uri', maxLength: limits.redirectUrlBytes, examples: ['https://app.example.com/account'] }),
      v.description('The page to continue to after the sign-in, of an allowed origin.'),
    ),
  ),
};

export const createSignInForm = v.object({
  strategy: v.literal('ticket', ({ received }) =>
    received === 'undefined' ? 'form_param_missing' : 'must be ticket: this instance has no other strategy',
  ),
  ticket: ticketParam,
});

/**
 * Reads the form of `POST /v1/client/sign_ins`.
 *
 * @throws `form_param_missing`, `form_param_value_invalid`, `form_conditional_param_missing`, `form_param_duplicate`
 */
export function parseCreateSignIn(form: URLSearchParams): { readonly ticket: string } {
  return { ticket: parseForm(createSignInForm, form).ticket };
}

function userDataJson({ firstName, lastName }: User) {
  return { first_name: firstName, last_name: lastName, image_url: '', has_image: false };
}

/** The `sign_in_attempt` object of a completed sign-in. */
export function signInJson({
  session,
  user,
}: Pick<CompletedSignIn, 'session' | 'user'>): v.InferOutput<typeof signInAnswer> {
  return {
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
    identifier: identifierOf(user),
    user_data: userDataJson(user),
    created_session_id: session.id,
    abandon_at: plusSeconds(session.createdAt, DAY_IN_SECONDS),
  };
}

/** The completed sign-in and the client that it changed. */
export function completedSignInJson(
  { session, client, user, sessionToken }: Omit<CompletedSignIn, 'clientSecret'>,
  call: Call,
): v.InferOutput<typeof completedSignInAnswer> {
  return { response: signInJson({ session, user }), client: clientJson(client, { session, user, sessionToken }, call) };
}
