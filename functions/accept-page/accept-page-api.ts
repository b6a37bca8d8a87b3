import type { ApiError } from '../../shared/base/errors.ts';
import type { Instance } from '../../shared/base/instance.ts';
import type { Answer } from '../../shared/http/answer.ts';
import { errorCookies } from '../../shared/http/frontend-api.ts';
import { headerOf } from '../../shared/http/header.ts';
import { type HttpEvent, httpOperation, type Operation, type Surface } from '../../shared/http/operation.ts';
import { type HttpRequest, httpRequest } from '../../shared/http/request.ts';
import { traceIdOf } from '../../shared/http/trace-id.ts';
import { refusalPage } from './refusal-page.ts';

/** A page for people. A caller that asks for JSON or anything else gets the published error envelope. */
function errorPage(error: ApiError, event: HttpEvent, instance: Instance): Answer | undefined {
  const isForPeople = headerOf(event, 'accept')?.toLowerCase().includes('text/html') ?? false;
  return isForPeople ? refusalPage(error, traceIdOf(event), httpRequest(event, instance)) : undefined;
}

const surface: Surface = {
  headers: () => ({ 'referrer-policy': 'no-referrer' }),
  errorCookies,
  answerError: errorPage,
};

/** An operation that answers with a page for people. */
export function acceptPageApi<Id extends string>(
  id: Id,
  answer: (request: HttpRequest) => Promise<Answer>,
): Operation<Id> {
  return httpOperation(id, surface, async (event, instance) => answer(httpRequest(event, instance)));
}
