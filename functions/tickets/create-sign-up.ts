// There is no sign-up, and actor tokens are for signing in only. The ticket is verified and refused; the actor token does not change.
import { ApiError } from '../../shared/base/errors.ts';
import { formField } from '../../shared/base/url-params.ts';
import { frontendApi } from '../../shared/http/frontend-api.ts';
import { verifyTicket } from '../../shared/signing/ticket.ts';

export const CreateSignUp = frontendApi('CreateSignUp', async (request) => {
  const ticket = formField(request.form(), 'ticket');
  if (ticket === undefined) {
    const sentence = 'This instance has no sign-up.';
    throw new ApiError({ code: 'form_param_value_invalid', meta: { param_name: 'strategy' }, sentence });
  }
  await verifyTicket(ticket, request);
  throw new ApiError('actor_token_not_in_sign_in_code');
});
