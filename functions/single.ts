import type { Operation } from '../shared/http/operation.ts';
import { type OwnRoutes, ownRoutes } from './defined-when-built.ts';
import type { Lambda } from './dispatch.ts';
import type { LambdaName, OperationsOf } from './routes.ts';

/**
 * A Lambda that answers one operation, the one that the list of routes gives it.
 *
 * @throws Error for another operation
 */
export function single<Name extends LambdaName>(
  routes: OwnRoutes<Name>,
  operation: Operation<OperationsOf<Name>>,
): Lambda {
  const [route] = ownRoutes(routes);
  if (route?.operation !== operation.id) throw new Error(`This Lambda has no operation ${operation.id}.`);
  const { isRefusalCounted, scope } = route;
  return (instance) => operation.handlerFor(instance, { isRefusalCounted, scope });
}
