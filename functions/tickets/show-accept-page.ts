// The link in an actor token's `url`: a page that shows who will act as whom, and has a button. To open or prefetch a link must change
// nothing, so this operation only reads.
import { formField } from '../../shared/base/url-params.ts';
import { allowedRedirect } from '../../shared/http/redirect.ts';
import { previewSignIn } from '../../shared/sign-ins/preview-sign-in.ts';
import { verifyTicket } from '../../shared/signing/ticket.ts';
import { acceptPageApi } from '../accept-page/accept-page-api.ts';
import { offerPage } from '../accept-page/pages.ts';

export const ShowAcceptPage = acceptPageApi('ShowAcceptPage', async (request) => {
  const { instance, query } = request;
  const ticket = formField(query, 'ticket') ?? '';
  const reference = await verifyTicket(ticket, request);
  const preview = await previewSignIn(reference, request);
  // An invalid redirect_url is ignored; sign-in works without it.
  return offerPage({ preview, ticket, redirect: allowedRedirect(query, instance) }, instance);
});
