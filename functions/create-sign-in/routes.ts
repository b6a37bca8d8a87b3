import * as v from 'valibot';
import { completedSignInAnswer } from '../../shared/sign-ins/sign-in-answer.ts';
import { createSignInForm, linkParams } from '../../shared/sign-ins/sign-in-schema.ts';
import { codes } from '../codes.ts';
import { jsonAnswer, type Route, redirectAnswer, textAnswer } from '../route.ts';

const lambda = 'create-sign-in';

/** The errors of both ways to redeem a ticket. */
const redemptionCodes = [
  ...codes.form,
  ...codes.ticket,
  ...codes.redemption,
  'authentication_invalid',
  'form_param_duplicate',
] as const;

/** The routes of the Lambda `create-sign-in`. */
export const createSignInRoutes = [
  {
    operation: 'CreateSignIn',
    lambda,
    audience: 'frontend',
    method: 'POST',
    path: '/v1/client/sign_ins',
    isRefusalCounted: true,
    summary: 'redeems a ticket: signs this browser in as the target',
    form: createSignInForm,
    answers: jsonAnswer(
      'The completed sign-in, and this browser with its new session. Sets `__Host-client` and `__client_uat`; a native application gets its client token in `Authorization`.',
      completedSignInAnswer,
    ),
    codes: [...redemptionCodes, 'form_conditional_param_missing', 'form_param_missing', 'form_param_value_invalid'],
    isForUnknownClients: true,
  },
  {
    operation: 'AcceptTicket',
    lambda,
    audience: 'public',
    method: 'POST',
    path: '/v1/tickets/accept',
    isRefusalCounted: true,
    summary: "the button of the link's page: redeems, or signs out and leads to the app's sign-in page",
    form: v.object(linkParams),
    answers: {
      ...textAnswer(
        'Signed in, where no sign-in page is configured: a page that says so. Sets `__Host-client` and `__client_uat`.',
        'text/html',
      ),
      ...redirectAnswer(303, 'To the sign-in page, with the ticket. The session of this browser has ended.'),
    },
    codes: [...redemptionCodes, 'not_allowed_access'],
    isForPeople: true,
  },
] as const satisfies readonly Route[];
