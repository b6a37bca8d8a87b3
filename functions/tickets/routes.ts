import * as v from 'valibot';
import { linkParams, ticketParam } from '../../shared/sign-ins/sign-in-schema.ts';
import { jwksAnswer } from '../../shared/signing/jwks-answer.ts';
import { codes } from '../codes.ts';
import { jsonAnswer, keptAnswers, type Route, textAnswer } from '../route.ts';

const lambda = 'tickets';

const createSignUpForm = v.object({ strategy: v.optional(v.string()), ticket: v.optional(ticketParam) });

/** The routes of the Lambda `tickets`. */
export const ticketsRoutes = [
  {
    operation: 'CreateSignUp',
    lambda,
    audience: 'frontend',
    method: 'POST',
    path: '/v1/client/sign_ups',
    summary: 'refuses: an actor token is for signing in',
    form: createSignUpForm,
    answers: {},
    codes: [
      ...codes.form,
      ...codes.ticket,
      'actor_token_not_in_sign_in_code',
      'form_param_duplicate',
      'form_param_value_invalid',
    ],
    isForUnknownClients: true,
  },
  {
    operation: 'ShowAcceptPage',
    lambda,
    audience: 'public',
    method: 'GET',
    path: '/v1/tickets/accept',
    isRefusalCounted: true,
    summary: 'the link: shows a page with who will act as whom and a button, and changes nothing',
    query: v.object(linkParams),
    answers: textAnswer('The page.', 'text/html'),
    codes: [...codes.ticket, ...codes.redemption, 'form_param_duplicate'],
    isForPeople: true,
  },
  {
    operation: 'GetJwks',
    lambda,
    audience: 'public',
    method: 'GET',
    path: '/.well-known/jwks.json',
    summary: 'returns the public keys that verify session tokens',
    answers: keptAnswers(jsonAnswer('The keys (RFC 7517).', jwksAnswer)),
    codes: [],
  },
] as const satisfies readonly Route[];
