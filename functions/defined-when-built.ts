// Values that are computed when the bundles are built: the bundles hold the value and nothing of how it is made. `cdk/bundle/defined.ts`
// computes them; the tests define them in the same way.
import type { RequiredScope } from '../shared/secret-keys/secret-key.ts';
import type { CommonEnvironment } from './fallback/environment.ts';
import type { Audience, Method } from './route.ts';
import type { LambdaName, OperationId } from './routes.ts';

// All are texts, and so are those of own-routes.d.ts: esbuild makes any other value a module of its own, which every module of every
// bundle then loads.
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
  readonly scope?: RequiredScope;
}

/** The part of a route that its own Lambda needs. */
export type OwnRoute = Pick<RouteTarget, 'operation' | 'method' | 'path' | 'isRefusalCounted' | 'scope'>;

/**
 * The routes of one Lambda as JSON (own-routes.d.ts). A bundle has those of its own Lambda only. They are not compressed, because every
 * cold request waits for them.
 */
export type OwnRoutes<Name extends LambdaName> = string & { readonly lambda?: Name };

/** The routes of one Lambda without their schemas. */
export function ownRoutes(json: OwnRoutes<LambdaName>): readonly OwnRoute[] {
  return JSON.parse(json);
}

/** The content that was compressed with Brotli (RFC 7932) when the bundles were built. */
export function decompressed(base64: string): string {
  // An import would load the module while the function starts, and few requests need it.
  const { brotliDecompressSync } = process.getBuiltinModule('node:zlib');
  return brotliDecompressSync(Buffer.from(base64, 'base64')).toString();
}

/** The list of routes (routes.ts) without its schemas. */
export function routeTargets(): readonly RouteTarget[] {
  return JSON.parse(decompressed(ROUTE_TARGETS));
}

/** The OpenAPI document as JSON, compressed with Brotli, in base64: a tenth of its size. */
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
