import type { Answer } from './answer.ts';
import { type HttpHandler, operationHandler } from './operation.ts';
import { type HttpRequest, httpRequest } from './request.ts';

/** An operation for anyone, from any page: it answers nothing that depends on who asks. */
export function publicApi(operation: string, answer: (request: HttpRequest) => Promise<Answer>): HttpHandler {
  const headers = () => ({ 'access-control-allow-origin': '*', 'referrer-policy': 'no-referrer' });
  return operationHandler(operation, { headers }, async (event) => answer(httpRequest(event)));
}
