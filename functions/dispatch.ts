import httpRouterHandler from '@middy/http-router';
import type { HttpEvent, HttpHandler, HttpResult } from '../shared/http/operation.ts';
import { notFound } from './public/not-found.ts';
import { type LambdaName, type Method, routes } from './routes.ts';

type OperationsOf<Name extends LambdaName> = Extract<(typeof routes)[number], { lambda: Name }>['operation'];

const OVERRIDES: readonly Method[] = ['PUT', 'PATCH', 'DELETE'];

/** The router's way to say that it has no such route. */
const UNROUTED: HttpResult = { statusCode: 404 };

/** clerk-js sends `POST …?_method=DELETE` to stay free of preflights. Only a post can be overridden, so a link never acts. */
function withMethodOverride(event: HttpEvent): HttpEvent {
  const { http } = event.requestContext;
  const asked = new URLSearchParams(event.rawQueryString).get('_method')?.toUpperCase();
  const override = OVERRIDES.find((method) => method === asked);
  if (http.method !== 'POST' || !override) return event;
  return { ...event, requestContext: { ...event.requestContext, http: { ...http, method: override } } };
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
    routes: own.map(({ operation, method, path }) => ({ method, path, handler: handlerOf.get(operation) ?? notFound })),
    notFoundResponse: () => UNROUTED,
  });
  return async (event, context) => {
    const routed = withMethodOverride(event);
    const result = await router(routed, context);
    return result === UNROUTED ? notFound(routed, context) : result;
  };
}
