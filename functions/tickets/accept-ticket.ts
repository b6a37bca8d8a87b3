// GET /v1/tickets/accept
// The link in an actor token's `url`. Sends the browser to the app's sign-in page, which redeems the ticket by POST, or where
// none is configured shows a page of our own that does. Opening or prefetching a link must change nothing: with a sign-in
// page the store is not even asked, without one it is only read.
import { config } from '../../shared/base/config.ts';
import type { ApiError } from '../../shared/base/errors.ts';
import { formField } from '../../shared/base/url-params.ts';
import type { Answer } from '../../shared/http/answer.ts';
import { type HttpEvent, operationHandler, type Surface } from '../../shared/http/operation.ts';
import { allowedRedirect } from '../../shared/http/redirect.ts';
import { headerOf, httpRequest, traceIdOf } from '../../shared/http/request.ts';
import { previewSignIn } from '../../shared/sign-ins/preview-sign-in.ts';
import { verifyTicket } from '../../shared/signing/ticket.ts';
import { offerPage, refusalPage } from './accept/pages.ts';

/** People get a page, whoever asks for JSON or anything else gets the published error envelope. */
function errorPage(error: ApiError, event: HttpEvent): Answer | undefined {
  const isForPeople = headerOf(event, 'accept')?.toLowerCase().includes('text/html') ?? false;
  return isForPeople ? refusalPage(error, traceIdOf(event)) : undefined;
}

const surface: Surface = { headers: () => ({ 'referrer-policy': 'no-referrer' }), errorAnswer: errorPage };

function redirectToApp(signInUrl: string, ticket: string, redirect: URL | undefined): Answer {
  const signInPage = new URL(signInUrl);
  signInPage.searchParams.set('__clerk_ticket', ticket);
  signInPage.searchParams.set('__clerk_status', 'sign_in');
  if (redirect) signInPage.searchParams.set('redirect_url', redirect.href);
  return { status: 303, headers: { location: signInPage.href } };
}

export const acceptTicket = operationHandler('AcceptTicket', surface, async (event) => {
  const { query, now } = httpRequest(event);
  const ticket = formField(query, 'ticket') ?? '';
  const reference = await verifyTicket(ticket, now);
  // A wrong one is dropped, not refused: the sign-in does not depend on it.
  const redirect = allowedRedirect(query);
  if (config.signInUrl) return redirectToApp(config.signInUrl, ticket, redirect);
  return offerPage(await previewSignIn(reference, now), redirect);
});
