// The forms of sign-in and sign-up, the query of the accept link, and a sign-in as it is answered.
import * as v from 'valibot';
import { enveloped, idOf, resource, timestamp } from '../base/answer-schema.ts';
import type { Call } from '../base/call.ts';
import { siblingId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { DAY_IN_SECONDS, plusSeconds } from '../base/time.ts';
import { parseForm } from '../base/url-params.ts';
import { clientAnswer, clientJson } from '../sessions/client-schema.ts';
import { identifierOf, type User } from '../users/user.ts';
import type { CompletedSignIn } from './sign-in-with-ticket.ts';

const ticket = v.pipe(
  v.string('form_conditional_param_missing'),
  v.metadata({ maxLength: limits.ticketBytes }),
  v.description('The `token` of an actor token.'),
);

export const createSignInForm = v.object({
  strategy: v.literal('ticket', ({ received }) =>
    received === 'undefined' ? 'form_param_missing' : 'must be ticket: this instance has no other strategy',
  ),
  ticket,
});

/** Documents the form; the operation refuses every sign-up. */
export const createSignUpForm = v.object({ strategy: v.optional(v.string()), ticket: v.optional(ticket) });

/** Documents the query of the accept link. */
export const acceptTicketQuery = v.object({
  ticket,
  redirect_url: v.optional(
    v.pipe(
      v.string(),
      v.metadata({ format: 'uri', maxLength: limits.redirectUrlBytes }),
      v.description('The page to continue to after the sign-in, of an allowed origin.'),
    ),
  ),
});

/**
 * Reads the form of `POST /v1/client/sign_ins`.
 *
 * @throws `form_param_missing`, `form_param_value_invalid`, `form_conditional_param_missing`, `form_param_duplicate`
 */
export function parseCreateSignIn(form: URLSearchParams): { readonly ticket: string } {
  return { ticket: parseForm(createSignInForm, form).ticket };
}

/** Source: Clerk's public OpenAPI document, Client.SignIn. */
export const signInAnswer = resource('sign_in_attempt', {
  id: idOf('sia'),
  status: v.literal('complete'),
  supported_identifiers: v.array(v.literal('email_address')),
  supported_first_factors: v.array(v.strictObject({ strategy: v.literal('ticket') })),
  supported_second_factors: v.null(),
  first_factor_verification: resource('verification_ticket', {
    status: v.literal('verified'),
    strategy: v.literal('ticket'),
    attempts: v.null(),
    expire_at: v.null(),
  }),
  second_factor_verification: v.null(),
  identifier: v.nullable(v.string()),
  user_data: v.nullable(
    v.strictObject({
      first_name: v.nullable(v.string()),
      last_name: v.nullable(v.string()),
      image_url: v.string(),
      has_image: v.boolean(),
    }),
  ),
  created_session_id: idOf('sess'),
  abandon_at: timestamp,
});

export const completedSignInAnswer = enveloped(signInAnswer, clientAnswer);

function userDataJson({ firstName, lastName }: User) {
  return { first_name: firstName, last_name: lastName, image_url: '', has_image: false };
}

function signInJson({ session, user }: Pick<CompletedSignIn, 'session' | 'user'>): v.InferOutput<typeof signInAnswer> {
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
    identifier: user ? identifierOf(user) : null,
    user_data: user ? userDataJson(user) : null,
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
