import httpRouterHandler from '@middy/http-router';
import type { HttpEvent, HttpHandler, HttpResult } from '../shared/http/operation.ts';
import { methodOverride } from '../shared/http/request.ts';
import { notFound } from './fallback/not-found.ts';
import { type LambdaName, routes } from './routes.ts';

type OperationsOf<Name extends LambdaName> = Extract<(typeof routes)[number], { lambda: Name }>['operation'];

/** The router's way to say that it has no such route. */
const UNROUTED: HttpResult = { statusCode: 404 };

/** The event under the method it asks for, so that it is routed by that. */
function withMethodOverride(event: HttpEvent): HttpEvent {
  const method = methodOverride(event);
  if (method === undefined) return event;
  const { requestContext } = event;
  return { ...event, requestContext: { ...requestContext, http: { ...requestContext.http, method } } };
}

/**
 * The handler of a Lambda that answers several operations: one for each that the list of routes gives it, no more and no
 * less. Any other method or path is answered by `notFound`.
 */
export function dispatch<Name extends LambdaName>(
  lambda: Name,
  handlers: Readonly<Record<OperationsOf<Name>, HttpHandler>>,
): HttpHandler {
  const handlerOf = new Map<string, HttpHandler>(Object.entries(handlers));
  const own = routes.filter((route) => route.lambda === lambda);
  const router = httpRouterHandler<HttpEvent, HttpResult>({
    routes: own.map(({ operation, method, path }) => {
      const handler = handlerOf.get(operation);
      if (!handler) throw new Error(`${lambda} has no handler of ${operation}.`);
      return { method, path, handler };
    }),
    notFoundResponse: () => UNROUTED,
  });
  return async (event, context) => {
    const routed = withMethodOverride(event);
    const result = await router(routed, context);
    return result === UNROUTED ? notFound(routed, context) : result;
  };
}
