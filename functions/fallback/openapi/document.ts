// The OpenAPI 3.1 document of every route there is.
import manifest from '../../../package.json' with { type: 'json' };
import type { IdPrefix } from '../../../shared/base/ids.ts';
import { type Audience, defaultLambda, routes } from '../../routes.ts';
import { summaries } from '../../summaries.ts';
import { component, schemas } from './components.ts';
import { id } from './json-schema.ts';
import { type Operation, operations } from './operations.ts';
import { codes, type Refusal, refusalName, refusalResponse, refusalsOf, traceId } from './refusals.ts';
import type { Parameter } from './requests.ts';

const tags: Readonly<Record<Audience, { readonly name: string; readonly description: string }>> = {
  backend: { name: 'Backend API', description: 'For servers that hold a secret key.' },
  frontend: {
    name: 'Frontend API',
    description:
      'For browsers: pages of allowed origins, with their cookies. PUT, PATCH and DELETE may also be sent as POST with `_method` in the query.',
  },
  public: { name: 'Public', description: 'For anyone.' },
};

const PREFIXES: Readonly<Record<string, IdPrefix>> = {
  actor_token_id: 'act',
  session_id: 'sess',
  sign_in_id: 'sia',
  user_id: 'user',
};

function pathParameters(path: string): readonly Parameter[] {
  return [...path.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name = '']) => {
    const prefix = PREFIXES[name];
    return { name, in: 'path', required: true, schema: prefix ? id(prefix) : { type: 'string' } };
  });
}

function security(audience: Audience, { isForUnknownClients = false }: Operation): readonly object[] {
  if (audience === 'public') return [];
  if (audience === 'backend') return [{ secretKey: [] }];
  return [{ clientCookie: [] }, ...(isForUnknownClients ? [{}] : [])];
}

function refusedBy({ audience, lambda, operation }: (typeof routes)[number]): readonly Refusal[] {
  // Where nothing is asked of AWS nothing can fail there.
  const aws = lambda === defaultLambda ? [] : codes.aws;
  return refusalsOf([...codes.always, ...aws, ...codes[audience], ...operations[operation].refusals]);
}

function responses(route: (typeof routes)[number]): Readonly<Record<string, object>> {
  const { answers, isForPeople = false } = operations[route.operation];
  const answered = Object.entries(answers).map(([status, answer]) => [
    status,
    { ...answer, headers: { ...answer.headers, ...traceId } },
  ]);
  const refused = refusedBy(route).map((refusal) => [
    refusal.status,
    isForPeople ? refusalResponse(refusal, true) : { $ref: `#/components/responses/${refusalName(refusal)}` },
  ]);
  return Object.fromEntries([...answered, ...refused]);
}

/** Every refusal that an operation refers to, by its name. */
function sharedResponses(): Readonly<Record<string, object>> {
  const shared = routes.filter(({ operation }) => !operations[operation].isForPeople).flatMap(refusedBy);
  return Object.fromEntries(shared.map((refusal) => [refusalName(refusal), refusalResponse(refusal, false)]));
}

function operationObject(route: (typeof routes)[number]): object {
  const operation = operations[route.operation];
  const isVersioned = route.audience !== 'public';
  const parameters = [
    ...pathParameters(route.path),
    ...(operation.query ?? []),
    ...(isVersioned ? [{ $ref: '#/components/parameters/ApiVersion' }] : []),
  ];
  return {
    operationId: route.operation,
    tags: [tags[route.audience].name],
    summary: summaries[route.operation],
    security: security(route.audience, operation),
    ...(parameters.length > 0 && { parameters }),
    ...(operation.body && { requestBody: operation.body }),
    responses: responses(route),
  };
}

/** A route's path as OpenAPI spells it, which knows no parameter that stands for several segments. */
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

export const document = {
  openapi: '3.1.1',
  info: {
    title: 'Actor Tokens',
    version: manifest.version,
    summary: manifest.description,
    description:
      'Codes of errors are those of each operation; besides them a path that is not here answers 404 `resource_not_found`, ' +
      'and a method that a path does not have 405 `method_not_allowed`. API Gateway has answers of its own, in a shape of its own.',
    license: { name: manifest.license, identifier: manifest.license },
  },
  servers: [{ url: '/' }],
  tags: Object.values(tags),
  paths: paths(),
  components: {
    schemas,
    responses: sharedResponses(),
    parameters: {
      ApiVersion: {
        name: 'Clerk-API-Version',
        in: 'header',
        description: 'Any date. All versions are answered alike. Or the query parameter `__clerk_api_version`.',
        schema: { type: 'string', format: 'date' },
      },
    },
    headers: {
      TraceId: {
        description: 'Leads to the log line of the request.',
        required: true,
        schema: component('TraceId'),
      },
    },
    securitySchemes: {
      secretKey: { type: 'http', scheme: 'bearer', description: 'A secret key, `sk_…`.' },
      clientCookie: {
        type: 'apiKey',
        in: 'cookie',
        name: '__client',
        description:
          'Which browser it is; set by a sign-in. A native application says `_is_native=1` in the query, and sends in ' +
          '`Authorization` what its sign-in answered there.',
      },
    },
  },
};
