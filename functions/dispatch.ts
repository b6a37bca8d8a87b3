import type { Instance } from '../shared/base/instance.ts';
import { withMethodOverride } from '../shared/http/method-override.ts';
import type { HttpEvent, HttpHandler, HttpResult, Operation } from '../shared/http/operation.ts';
import { type OwnRoutes, ownRoutes } from './defined-when-built.ts';
import { notFound } from './fallback/not-found.ts';
import type { LambdaName, OperationId, OperationsOf } from './routes.ts';

/** A Lambda for one instance. */
export type Lambda = (instance: Instance) => HttpHandler;

type Operations<Name extends LambdaName> = { readonly [Id in OperationsOf<Name>]: Operation<Id> };

/**
 * The method and path of an operation, as in the list of routes. The HTTP API has already found the path's route, so its trailing and
 * encoded slashes are judged once. `$default` stays: it has no operation.
 */
function operationKeyOf(event: HttpEvent): string {
  const { method } = withMethodOverride(event).requestContext.http;
  return event.routeKey.replace(/^[A-Z]+ /, `${method === 'HEAD' ? 'GET' : method} `);
}

/** The answer to HEAD: that of GET without its content (RFC 9110 section 9.3.2). */
function withoutContent({ body: _body, isBase64Encoded: _encoded, ...rest }: HttpResult): HttpResult {
  return rest;
}

/**
 * A Lambda that answers all the operations that the list of routes gives it.
 *
 * @param fallback answers every other method and path
 * @throws Error when an operation is missing
 */
export function dispatch<Name extends LambdaName>(
  routes: OwnRoutes<Name>,
  operations: Operations<Name>,
  fallback: Operation = notFound(() => undefined),
): Lambda {
  const operationOf = new Map<OperationId, Operation>(
    Object.values<Operation<OperationId>>(operations).map((each) => [each.id, each]),
  );
  const own = ownRoutes(routes);
  return (instance) => {
    const answerOthers = fallback.handlerFor(instance, { isRefusalCounted: false, scope: undefined });
    const handlers = new Map(
      own.map(({ operation, method, path, isRefusalCounted, scope }) => {
        const handler = operationOf.get(operation)?.handlerFor(instance, { isRefusalCounted, scope });
        if (!handler) throw new Error(`This Lambda has no operation ${operation}.`);
        return [`${method} ${path}`, handler];
      }),
    );
    return async (event, context) => {
      const handler = handlers.get(operationKeyOf(event));
      const result = await (handler ? handler(withMethodOverride(event), context) : answerOthers(event, context));
      return event.requestContext.http.method === 'HEAD' ? withoutContent(result) : result;
    };
  };
}
