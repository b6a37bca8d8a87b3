// Values that are computed when the bundles are built: the bundles hold the value and nothing of how it is made. `cdk/bundle/defined.ts`
// computes them; the tests define them in the same way.
import type { RouteTarget } from './route.ts';
import type { LambdaName, OperationId } from './routes.ts';

declare const ROUTE_TARGETS: readonly (RouteTarget & {
  readonly operation: OperationId;
  readonly lambda: LambdaName;
})[];
declare const OPENAPI_DOCUMENT: string;

/** The list of routes (routes.ts) without its schemas. */
export const routeTargets = ROUTE_TARGETS;

/** The OpenAPI document as JSON. */
export const openapiDocument = OPENAPI_DOCUMENT;
