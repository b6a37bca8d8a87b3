import * as v from 'valibot';
import { limits } from '../../shared/base/limits.ts';
import { ticketParam } from '../../shared/sign-ins/sign-in-schema.ts';
import { jwksAnswer } from '../../shared/signing/jwks-answer.ts';
import { codes } from '../codes.ts';
import { jsonAnswer, type Route, redirectAnswer, textAnswer } from '../route.ts';

const lambda = 'tickets';

const createSignUpForm = v.object({ strategy: v.optional(v.string()), ticket: v.optional(ticketParam) });

const acceptTicketQuery = v.object({
  ticket: ticketParam,
  redirect_url: v.optional(
    v.pipe(
      v.string(),
      v.metadata({ format: 'uri', maxLength: limits.redirectUrlBytes }),
      v.description('The page to continue to after the sign-in, of an allowed origin.'),
    ),
  ),
});

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
    operation: 'AcceptTicket',
    lambda,
    audience: 'public',
    method: 'GET',
    path: '/v1/tickets/accept',
    summary: "the link: redirects to the app's sign-in page or shows a page of its own, never redeems",
    query: acceptTicketQuery,
    answers: {
      ...textAnswer('A page that offers to sign in, where no sign-in page is configured.', 'text/html'),
      ...redirectAnswer(303, 'To the sign-in page, with the ticket.'),
    },
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
    answers: jsonAnswer('The keys (RFC 7517).', jwksAnswer),
    codes: [],
  },
] as const satisfies readonly Route[];
