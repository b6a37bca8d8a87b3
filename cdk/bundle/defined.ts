import { routes } from '../../functions/routes.ts';
import { document } from '../openapi/document.ts';
import { scriptVersions } from './script-versions.ts';

const targets = routes.map(({ operation, lambda, audience, scope, method, path, isRefusalCounted }) => ({
  operation,
  lambda,
  audience,
  scope,
  method,
  path,
  ...(isRefusalCounted && { isRefusalCounted }),
}));

/** The values of functions/defined-when-built.ts, as expressions by name. */
export const defined: Readonly<Record<string, string>> = {
  ROUTE_TARGETS: JSON.stringify(targets),
  OPENAPI_DOCUMENT: JSON.stringify(JSON.stringify(document)),
  SCRIPT_VERSIONS: JSON.stringify(scriptVersions),
};
