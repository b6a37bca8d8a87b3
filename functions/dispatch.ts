import httpRouterHandler from '@middy/http-router';
import type { Instance } from '../shared/base/instance.ts';
import { withMethodOverride } from '../shared/http/method-override.ts';
import type { HttpEvent, HttpHandler, HttpResult, Operation } from '../shared/http/operation.ts';
import { routeTargets } from './defined-when-built.ts';
import { NotFound } from './fallback/not-found.ts';
import type { LambdaName, OperationId, OperationsOf } from './routes.ts';

/** A Lambda for one instance. */
export type Lambda = (instance: Instance) => HttpHandler;

type Operations<Name extends LambdaName> = { readonly [Id in OperationsOf<Name>]: Operation<Id> };

/** The result by which the router reports that it has no such route. */
const UNROUTED: HttpResult = { statusCode: 404 };

/**
 * A Lambda that answers all the operations that the list of routes gives it. `NotFound` answers every other method and path.
 *
 * @throws Error when an operation is missing
 */
export function dispatch<Name extends LambdaName>(lambda: Name, operations: Operations<Name>): Lambda {
  const operationOf = new Map<OperationId, Operation>(
    Object.values<Operation<OperationId>>(operations).map((each) => [each.id, each]),
  );
  const own = routeTargets.filter((route) => route.lambda === lambda);
  return (instance) => {
    const notFound = NotFound.handlerFor(instance, { isRefusalCounted: false, scope: undefined });
    const router = httpRouterHandler<HttpEvent, HttpResult>({
      routes: own.map(({ operation, method, path, isRefusalCounted, scope }) => {
        const handler = operationOf.get(operation)?.handlerFor(instance, { isRefusalCounted, scope });
        if (!handler) throw new Error(`${lambda} has no operation ${operation}.`);
        return { method, path, handler };
      }),
      notFoundResponse: () => UNROUTED,
    });
    return async (event, context) => {
      const routed = withMethodOverride(event);
      const result = await router(routed, context);
      return result === UNROUTED ? notFound(routed, context) : result;
    };
  };
}
