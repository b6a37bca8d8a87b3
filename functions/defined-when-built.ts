// Values that are computed when the bundles are built: the bundles hold the value and nothing of how it is made. `cdk/bundle/defined.ts`
// computes them; the tests define them in the same way.
import { brotliDecompressSync } from 'node:zlib';
import type { RequiredScope } from '../shared/secret-keys/secret-key.ts';
import type { CommonEnvironment } from './fallback/environment.ts';
import type { Audience, Method } from './route.ts';
import type { LambdaName, OperationId } from './routes.ts';

// All are texts: esbuild makes any other value a module of its own, which every module of every bundle then loads.
declare const ROUTE_TARGETS: string;
declare const OPENAPI_DOCUMENT: string;
declare const ENVIRONMENT: string;
declare const ABSENT: string;
declare const SCRIPT_VERSIONS: string;

/** The part of a route by which requests are routed and refused. */
export interface RouteTarget {
  readonly operation: OperationId;
  readonly lambda: LambdaName;
  readonly audience: Audience;
  readonly method: Method;
  readonly path: string;
  readonly isRefusalCounted: boolean;
  readonly isForPeople: boolean;
  /** Undefined for operations that take no secret key. */
  readonly scope: RequiredScope | undefined;
}

/** A row has no names, because every bundle holds all of them. */
export type RouteRow = readonly [
  operation: OperationId,
  lambda: LambdaName,
  audience: Audience,
  method: Method,
  path: string,
  isRefusalCounted: boolean,
  isForPeople: boolean,
  scope?: RequiredScope,
];

/** The JSON that was compressed when the bundles were built. */
function decompressed(text: string): string {
  return brotliDecompressSync(Buffer.from(text, 'base64')).toString();
}

const rows: readonly RouteRow[] = JSON.parse(decompressed(ROUTE_TARGETS));

/** The list of routes (routes.ts) without its schemas. */
export const routeTargets: readonly RouteTarget[] = rows.map(
  ([operation, lambda, audience, method, path, isRefusalCounted, isForPeople, scope]) => ({
    operation,
    lambda,
    audience,
    method,
    path,
    isRefusalCounted,
    isForPeople,
    scope,
  }),
);

/** The OpenAPI document as JSON, compressed with Brotli (RFC 7932), in base64: a tenth of its size. */
export const compressedOpenapiDocument = OPENAPI_DOCUMENT;

/** The settings that all instances have in common (fallback/environment.ts). */
export function commonEnvironment(): CommonEnvironment {
  return JSON.parse(decompressed(ENVIRONMENT));
}

/** What Clerk's APIs have and this product does not (fallback/absent.ts). */
export function absences(): readonly (readonly [path: string, sentence: string])[] {
  return JSON.parse(decompressed(ABSENT));
}

/** The version of each package of Clerk to which the API leads its loaders (cdk/bundle/script-versions.ts), as JSON. */
export const scriptVersionsJson = SCRIPT_VERSIONS;
