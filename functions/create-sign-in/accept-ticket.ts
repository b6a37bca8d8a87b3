// The button of the accept page. Where the app has no sign-in page, it redeems the ticket. Otherwise it signs this browser out and
// redirects it there with the ticket: Clerk's sign-in components redeem only in a browser that is signed out.
import { note } from '../../shared/base/metrics.ts';
import { formField } from '../../shared/base/url-params.ts';
import { presentedClients, signedInCookies, signedOutCookies } from '../../shared/clients/client-cookie.ts';
import type { Answer } from '../../shared/http/answer.ts';
import { formBody } from '../../shared/http/body.ts';
import { unambiguousClient } from '../../shared/http/frontend-api.ts';
import { checkOwnPage } from '../../shared/http/origin.ts';
import type { HttpRequest } from '../../shared/http/request.ts';
import { endOfEach, isUnproved, signOut } from '../../shared/sessions/sign-out.ts';
import { previewSignIn } from '../../shared/sign-ins/preview-sign-in.ts';
import { signInWithTicket } from '../../shared/sign-ins/sign-in-with-ticket.ts';
import { verifyTicket } from '../../shared/signing/ticket.ts';
import { acceptPageApi } from '../accept-page/accept-page-api.ts';
import { onwardUrl } from '../accept-page/onward-url.ts';
import { signedInPage } from '../accept-page/pages.ts';

interface Link {
  readonly ticket: string;
  /** The page to continue to. */
  readonly onward: URL | undefined;
}

/** Signs this browser in, and shows the page of a completed sign-in. */
async function redeem({ ticket, onward }: Link, origin: string, request: HttpRequest): Promise<Answer> {
  const { instance, now } = request;
  const client = unambiguousClient(presentedClients(request.cookies, instance).clients);
  const signIn = await signInWithTicket({ ticket, client, origin }, request);
  const cookies = signedInCookies(instance, { id: signIn.client.id, secret: signIn.clientSecret }, now);
  return { ...signedInPage(signIn, onward, instance), cookies };
}

/** Ends the session of this browser. Returns false for a browser whose cookies prove none: there is no session to end. */
async function endSessionOfBrowser(request: HttpRequest): Promise<boolean> {
  try {
    await endOfEach(presentedClients(request.cookies, request.instance), (client) => signOut(client, request));
    return true;
  } catch (error) {
    if (isUnproved(error)) return false;
    throw error;
  }
}

/** The app's sign-in page, with the ticket as Clerk's components expect it. */
function signInPageWith({ ticket, onward }: Link, signInUrl: string): URL {
  const signInPage = new URL(signInUrl);
  signInPage.searchParams.set('__clerk_ticket', ticket);
  signInPage.searchParams.set('__clerk_status', 'sign_in');
  if (onward) signInPage.searchParams.set('redirect_url', onward.href);
  return signInPage;
}

/** Ends the session of this browser, and redirects it to the app's sign-in page. A ticket that would be refused ends no session. */
async function handOver(link: Link, signInUrl: string, request: HttpRequest): Promise<Answer> {
  const reference = await verifyTicket(link.ticket, request);
  const { user } = await previewSignIn(reference, request);
  const isSignedOut = await endSessionOfBrowser(request);
  // The line is about this ticket. The session that ended belongs to another one.
  note({ actor_token_id: reference.actorTokenId, user_id: user.id });
  return {
    status: 303,
    headers: { location: signInPageWith(link, signInUrl).href },
    cookies: isSignedOut ? signedOutCookies(request.instance) : [],
  };
}

export const AcceptTicket = acceptPageApi('AcceptTicket', async (request) => {
  const { instance } = request;
  const origin = checkOwnPage(request);
  const form = formBody(request);
  const link = { ticket: formField(form, 'ticket') ?? '', onward: onwardUrl(form, instance) };
  return instance.signInUrl ? handOver(link, instance.signInUrl, request) : redeem(link, origin, request);
});
