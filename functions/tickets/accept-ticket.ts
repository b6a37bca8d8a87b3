// The link in an actor token's `url`. Redirects the browser to the app's sign-in page, which redeems the ticket by POST. Where none is
// configured, shows a page that does so. To open or prefetch a link must change nothing: with a sign-in page no table is read, and
// without one the tables are only read.
import type { ApiError } from '../../shared/base/errors.ts';
import type { Instance } from '../../shared/base/instance.ts';
import { formField } from '../../shared/base/url-params.ts';
import type { Answer } from '../../shared/http/answer.ts';
import { headerOf } from '../../shared/http/header.ts';
import { type HttpEvent, httpOperation, type Surface } from '../../shared/http/operation.ts';
import { allowedRedirect } from '../../shared/http/redirect.ts';
import { httpRequest } from '../../shared/http/request.ts';
import { traceIdOf } from '../../shared/http/trace-id.ts';
import { previewSignIn } from '../../shared/sign-ins/preview-sign-in.ts';
import { verifyTicket } from '../../shared/signing/ticket.ts';
import { offerPage, refusalPage } from './accept/pages.ts';

/** A page for people. A caller that asks for JSON or anything else gets the published error envelope. */
function errorPage(error: ApiError, event: HttpEvent, instance: Instance): Answer | undefined {
  const isForPeople = headerOf(event, 'accept')?.toLowerCase().includes('text/html') ?? false;
  return isForPeople ? refusalPage(error, traceIdOf(event), instance) : undefined;
}

const surface: Surface = { headers: () => ({ 'referrer-policy': 'no-referrer' }), answerError: errorPage };

function redirectToApp(signInUrl: string, ticket: string, redirect: URL | undefined): Answer {
  const signInPage = new URL(signInUrl);
  signInPage.searchParams.set('__clerk_ticket', ticket);
  signInPage.searchParams.set('__clerk_status', 'sign_in');
  if (redirect) signInPage.searchParams.set('redirect_url', redirect.href);
  return { status: 303, headers: { location: signInPage.href } };
}

export const AcceptTicket = httpOperation('AcceptTicket', surface, async (event, instance) => {
  const request = httpRequest(event, instance);
  const ticket = formField(request.query, 'ticket') ?? '';
  const reference = await verifyTicket(ticket, request);
  // An invalid redirect_url is ignored; sign-in works without it.
  const redirect = allowedRedirect(request.query, instance);
  if (instance.signInUrl) return redirectToApp(instance.signInUrl, ticket, redirect);
  return offerPage(await previewSignIn(reference, request), redirect, instance);
});
