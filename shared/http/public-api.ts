import type { Answer } from './answer.ts';
import { httpOperation, type Operation } from './operation.ts';
import { forAnyOrigin } from './origin.ts';
import { type HttpRequest, httpRequest } from './request.ts';

/** An operation for anyone, from any page. Its answer does not depend on the caller. */
export function publicApi<Id extends string>(id: Id, answer: (request: HttpRequest) => Promise<Answer>): Operation<Id> {
  const headers = () => ({
    ...forAnyOrigin,
    'cross-origin-resource-policy': 'cross-origin',
    'referrer-policy': 'no-referrer',
  });
  return httpOperation(id, { headers }, async (event, instance) => answer(httpRequest(event, instance)));
}
