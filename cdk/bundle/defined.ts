import { brotliCompressSync } from 'node:zlib';
import type { RouteRow } from '../../functions/defined-when-built.ts';
import { absent } from '../../functions/fallback/absent.ts';
import { commonEnvironment } from '../../functions/fallback/environment.ts';
import { routes } from '../../functions/routes.ts';
import { document } from '../openapi/document.ts';
import { scriptVersions } from './script-versions.ts';

const rows = routes.map((route): RouteRow => {
  const { operation, lambda, audience, method, path, isRefusalCounted = false, isForPeople = false, scope } = route;
  const row = [operation, lambda, audience, method, path, isRefusalCounted, isForPeople] as const;
  return scope ? [...row, scope] : row;
});

function compressed(value: object): string {
  return JSON.stringify(brotliCompressSync(JSON.stringify(value)).toString('base64'));
}

/** The values of functions/defined-when-built.ts, as expressions by name. */
export const defined: Readonly<Record<string, string>> = {
  ROUTE_TARGETS: compressed(rows),
  OPENAPI_DOCUMENT: compressed(document),
  ENVIRONMENT: compressed(commonEnvironment),
  ABSENT: compressed(absent),
  SCRIPT_VERSIONS: JSON.stringify(JSON.stringify(scriptVersions)),
};
