// Values that are computed when the bundles are built: the bundles hold the value and nothing of how it is made. `cdk/bundle/defined.ts`
// computes them; the tests define them in the same way.
import type { RouteTarget } from './route.ts';
import type { LambdaName, OperationId } from './routes.ts';

declare const ROUTE_TARGETS: readonly (RouteTarget & {
  readonly operation: OperationId;
  readonly lambda: LambdaName;
})[];
declare const OPENAPI_DOCUMENT: string;
declare const SCRIPT_VERSIONS: Readonly<Record<string, string>>;

/** The list of routes (routes.ts) without its schemas. */
export const routeTargets = ROUTE_TARGETS;

/** The OpenAPI document as JSON. */
export const openapiDocument = OPENAPI_DOCUMENT;

/** The version of each package of Clerk to which the API leads its loaders (cdk/bundle/script-versions.ts). */
export const scriptVersions = SCRIPT_VERSIONS;
