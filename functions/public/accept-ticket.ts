// GET /v1/tickets/accept
// The link in an actor token's `url`. Sends the browser to the app's sign-in page, which redeems the ticket by POST: opening
// or prefetching a link must change nothing, so the store is not even read here.
import { config } from '../../shared/config.ts';
import { ApiError } from '../../shared/errors.ts';
import { publicApi } from '../../shared/http/public-api.ts';
import { verifyTicket } from '../../shared/signing/ticket.ts';
import { formField } from '../../shared/url-params.ts';

export const acceptTicket = publicApi('AcceptTicket', async ({ query, now }) => {
  const ticket = formField(query, 'ticket') ?? '';
  await verifyTicket(ticket, now);
  if (!config.signInUrl) {
    const sentence = "No sign-in page is configured: set signInUrl to your app's sign-in page and deploy again.";
    throw new ApiError({ code: 'resource_not_found', sentence });
  }
  const signInPage = new URL(config.signInUrl);
  signInPage.searchParams.set('__clerk_ticket', ticket);
  signInPage.searchParams.set('__clerk_status', 'sign_in');
  return { status: 303, headers: { location: signInPage.href } };
});
