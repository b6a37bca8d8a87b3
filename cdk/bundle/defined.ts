import { brotliCompressSync } from 'node:zlib';
import type { OwnRoute, RouteTarget } from '../../functions/defined-when-built.ts';
import { absent } from '../../functions/fallback/absent.ts';
import { commonEnvironment } from '../../functions/fallback/environment.ts';
import { routes } from '../../functions/routes.ts';
import { document } from '../openapi/document.ts';
import { scriptVersions } from './script-versions.ts';

const targets = routes.map((route): RouteTarget => {
  const { operation, lambda, audience, method, path, isRefusalCounted = false, isForPeople = false, scope } = route;
  return { operation, lambda, audience, method, path, isRefusalCounted, isForPeople, ...(scope && { scope }) };
});

/** A value as an expression. */
function text(value: object): string {
  return JSON.stringify(JSON.stringify(value));
}

function compressed(value: object): string {
  return JSON.stringify(brotliCompressSync(JSON.stringify(value)).toString('base64'));
}

/** The routes of each Lambda, as entries of `defined`. */
const ownRoutes = [...Map.groupBy(targets, ({ lambda }) => lambda)].map(([lambda, ofLambda]) => {
  const own = ofLambda.map(({ audience: _a, lambda: _l, isForPeople: _p, ...route }): OwnRoute => route);
  return [`ROUTES_OF_${lambda.toUpperCase().replaceAll('-', '_')}`, text(own)] as const;
});

/** The values of functions/defined-when-built.ts and functions/own-routes.d.ts, as expressions by name. */
export const defined: Readonly<Record<string, string>> = {
  ...Object.fromEntries(ownRoutes),
  ROUTE_TARGETS: compressed(targets),
  OPENAPI_DOCUMENT: compressed(document),
  ENVIRONMENT: compressed(commonEnvironment),
  ABSENT: compressed(absent),
  SCRIPT_VERSIONS: text(scriptVersions),
};
