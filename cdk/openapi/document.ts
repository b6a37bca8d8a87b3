// The OpenAPI 3.1 document of every route.
import type { Audience, Route } from '../../functions/route.ts';
import { routes } from '../../functions/routes.ts';
import manifest from '../../package.json' with { type: 'json' };
import { component, componentSchemas } from './json-schema.ts';
import { parametersOf, requestBodyOf } from './requests.ts';
import { responsesOf, sharedResponses } from './responses.ts';

const tags: Readonly<Record<Audience, { readonly name: string; readonly description: string }>> = {
  backend: { name: 'Backend API', description: 'For servers that hold a secret key.' },
  frontend: {
    name: 'Frontend API',
    description:
      'For browsers: pages of allowed origins, with their cookies. PUT, PATCH and DELETE may also be sent as POST with `_method` in the query.',
  },
  public: { name: 'Public', description: 'For anyone.' },
};

function securityOf({ audience, scope, isForOperators, isForUnknownClients }: Route): readonly object[] {
  if (audience === 'public') return [];
  if (audience === 'backend')
    return [{ secretKey: scope === 'any' ? [] : [scope] }, ...(isForOperators ? [{ operatorToken: [] }] : [])];
  return [{ clientCookie: [] }, ...(isForUnknownClients ? [{}] : [])];
}

/** The effect in a sentence, and the caller whom the operation is for. */
function descriptionOf({ summary, audience, scope, isForOperators, isForUnknownClients, method }: Route): string {
  const effect = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  if (audience === 'public') return `${effect} For anyone.`;
  if (audience === 'backend')
    return `${effect} For servers, with ${scope === 'any' ? 'any secret key' : `a secret key that has the scope \`${scope}\``}${isForOperators ? ', and for operators' : ''}.`;
  const caller = isForUnknownClients ? 'For browsers, signed in or not.' : 'For browsers that are signed in.';
  const override = method === 'GET' || method === 'POST' ? '' : ` May be sent as POST with \`_method=${method}\`.`;
  return `${effect} ${caller}${override}`;
}

function operationObject(route: Route): object {
  const isVersioned = route.audience !== 'public';
  const parameters = [...parametersOf(route), ...(isVersioned ? [{ $ref: '#/components/parameters/ApiVersion' }] : [])];
  const requestBody = requestBodyOf(route);
  return {
    operationId: route.operation,
    tags: [tags[route.audience].name],
    summary: route.summary,
    description: descriptionOf(route),
    security: securityOf(route),
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody }),
    responses: responsesOf(route),
  };
}

/** The path of a route in OpenAPI's form, which has no notation for a parameter of several segments. */
export function documentedPath(path: string): string {
  return path.replace('+}', '}');
}

function paths(): Readonly<Record<string, object>> {
  const byPath = Map.groupBy(routes, ({ path }) => documentedPath(path));
  return Object.fromEntries(
    [...byPath].map(([path, own]) => [
      path,
      Object.fromEntries(own.map((route) => [route.method.toLowerCase(), operationObject(route)])),
    ]),
  );
}

const MONTH_AND_DAY =
  '(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)';
/** A date, without leap days. Most generators of clients would make a type of `format: date` that no header can have. */
const VERSION =
  '(?:2021-(?:02-(?:0[5-9]|1[0-9]|2[0-8])|(?:0[3-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8]))|' +
  `(?:202[2-9]|20[3-9][0-9]|2[1-9][0-9]{2}|[3-9][0-9]{3})-${MONTH_AND_DAY})`;

const apiVersion = {
  name: 'Clerk-API-Version',
  in: 'header',
  description:
    'A date from 2021-02-05 on. All versions get the same answers, and an empty value counts as none. The query parameter `__clerk_api_version` has the same meaning.',
  schema: { type: 'string', pattern: `^(?:|${VERSION})$`, examples: ['2026-05-12'] },
};

const securitySchemes = {
  secretKey: {
    type: 'http',
    scheme: 'bearer',
    description: 'A secret key, `sk_…`. An operation that names a scope refuses a key without it.',
  },
  operatorToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      "A token of the company's identity provider, where the deployment has one. It names the operator, who is then the actor: " +
      '`actor` may be left out.',
  },
  clientCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-client',
    description:
      'Identifies the browser; set by a sign-in. Behind a reverse proxy with a path its name is `__client`. A native application, ' +
      'where the deployment allows them, sends `_is_native=1` in the query, and in `Authorization` the client token that its ' +
      'sign-in returned there.',
  },
};

export const document = {
  openapi: '3.1.1',
  info: {
    title: 'Actor Tokens',
    version: manifest.version,
    summary: manifest.description,
    description:
      'Each operation lists its error codes. A path that is not in this document answers 404 `resource_not_found`: a slash ' +
      'at its end or an encoded slash makes a path another one. A method that a path does not have answers 405 ' +
      '`method_not_allowed`, and `Allow` names those it has. `HEAD` of what anyone may `GET` is answered like `GET`, without ' +
      'content; nothing else has `HEAD`. API Gateway has its own error answers, in its own form: 413, 429, 431 and 503 with ' +
      '`{"message": …}`.',
    license: { name: manifest.license, identifier: manifest.license },
  },
  servers: [{ url: '/' }],
  tags: Object.values(tags),
  paths: paths(),
  components: {
    schemas: componentSchemas(),
    responses: sharedResponses(routes),
    parameters: { ApiVersion: apiVersion },
    headers: {
      TraceId: {
        description: 'The id of the request in the logs.',
        required: true,
        schema: component('TraceId'),
      },
    },
    securitySchemes,
  },
};
