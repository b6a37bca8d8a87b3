// A sign-in as it is answered.
import * as v from 'valibot';
import { enveloped, idOf, resource, timestamp } from '../base/answer-schema.ts';
import { clientAnswer } from '../sessions/client-answer.ts';

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
