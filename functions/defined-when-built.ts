// Values that are computed when the bundles are built: the bundles hold the value and nothing of how it is made. `cdk/bundle/defined.ts`
// computes them; the tests define them in the same way.
import type { RouteTarget } from './route.ts';
import type { LambdaName, OperationId } from './routes.ts';

// Both are JSON: esbuild makes any other value a module of its own, which every module of every bundle then loads.
declare const ROUTE_TARGETS: string;
declare const OPENAPI_DOCUMENT: string;

interface NamedRouteTarget extends RouteTarget {
  readonly operation: OperationId;
  readonly lambda: LambdaName;
}

/** A row has no names, because every bundle holds all of them. */
export type RouteRow = readonly [
  operation: OperationId,
  lambda: LambdaName,
  audience: RouteTarget['audience'],
  method: RouteTarget['method'],
  path: string,
  isRefusalCounted?: true,
];

const rows: readonly RouteRow[] = JSON.parse(ROUTE_TARGETS);

/** The list of routes (routes.ts) without its schemas. */
export const routeTargets: readonly NamedRouteTarget[] = rows.map(
  ([operation, lambda, audience, method, path, isRefusalCounted]) => ({
    operation,
    lambda,
    audience,
    method,
    path,
    ...(isRefusalCounted && { isRefusalCounted }),
  }),
);

/** The OpenAPI document as JSON. */
export const openapiDocument = OPENAPI_DOCUMENT;
