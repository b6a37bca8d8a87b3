// The answers of operations, as OpenAPI describes them.
import { codes } from '../../functions/codes.ts';
import type { Route, RouteAnswer } from '../../functions/route.ts';
import { defaultLambda } from '../../functions/routes.ts';
import type { ErrorCode } from '../../shared/base/errors.ts';
import { errorCatalogue } from '../../shared/http/error-catalogue.ts';
import { sampleOf } from './examples.ts';
import { component, type JsonSchema, jsonSchema } from './json-schema.ts';

/** The header that every answer has. */
const traceId = { 'Clerk-Trace-Id': { $ref: '#/components/headers/TraceId' } };
const retryAfter = { 'Retry-After': { description: 'In seconds.', required: true, schema: { type: 'integer' } } };
const challenge = {
  'WWW-Authenticate': { description: 'The scheme `Bearer` (RFC 6750).', required: true, schema: { type: 'string' } },
};
const entityTag = {
  ETag: { description: 'Changes with the content (RFC 9110).', required: true, schema: { type: 'string' } },
};
const location = { Location: { required: true, schema: { type: 'string' } } };

/** All error codes that a route can answer. */
export function codesOf({ audience, scope = 'any', lambda, codes: own }: Route): readonly ErrorCode[] {
  // A Lambda that calls nothing of AWS has no errors of AWS.
  const aws = lambda === defaultLambda ? [] : codes.aws;
  const ofScope = scope === 'any' ? [] : codes.scope;
  return [...new Set([...codes.always, ...aws, ...codes[audience], ...ofScope, ...own])].sort();
}

/** The error codes of one status. */
interface ErrorResponse {
  readonly status: number;
  readonly codes: readonly ErrorCode[];
}

function errorResponsesOf(route: Route): readonly ErrorResponse[] {
  const byStatus = Map.groupBy(codesOf(route), (code) => errorCatalogue[code].status);
  return [...byStatus].map(([status, own]) => ({ status, codes: own }));
}

/** Names an error response by its codes, so that a reference already shows them. */
function nameOf({ codes: own }: ErrorResponse): string {
  return own.join('-or-');
}

/** The error envelope with only these codes. */
function envelopeOf(own: readonly ErrorCode[]): JsonSchema {
  const items = { properties: { code: { enum: own } } };
  return { allOf: [component('Errors'), { properties: { errors: { items } } }] };
}

function errorResponse({ status, codes: own }: ErrorResponse, isForPeople: boolean): object {
  // Only servers have a secret key.
  const isAboutKey = own.includes('clerk_key_invalid');
  return {
    description: own.map((code) => `\`${code}\``).join(', '),
    headers: { ...(status === 429 || status === 503 ? retryAfter : {}), ...(isAboutKey && challenge), ...traceId },
    content: {
      'application/json': { schema: envelopeOf(own) },
      ...(isForPeople && { 'text/html': { schema: { type: 'string' } } }),
    },
  };
}

function contentOf({ content }: RouteAnswer): object {
  if (!content) return {};
  const schema = 'json' in content ? jsonSchema(content.json) : { type: 'string' };
  const mediaType = 'json' in content ? 'application/json' : content.text;
  return { content: { [mediaType]: { schema, ...('json' in content && { example: sampleOf(schema) }) } } };
}

function answerResponse(answer: RouteAnswer): object {
  const headers = { ...(answer.isRedirect && location), ...(answer.isKept && entityTag), ...traceId };
  return { description: answer.description, ...contentOf(answer), headers };
}

/** The answer of API Gateway itself to a request line and headers of more than 10,240 bytes. Source: quotas of HTTP APIs. */
const tooLarge = {
  description: 'More than 10,240 bytes of request line and headers: API Gateway itself answers `{"message": …}`.',
};

/** The responses of a route by status. */
export function responsesOf(route: Route): Readonly<Record<string, object>> {
  const answers = Object.entries(route.answers).map(([status, answer]) => [status, answerResponse(answer)]);
  const errors = errorResponsesOf(route).map((each) => [
    each.status,
    route.isForPeople ? errorResponse(each, true) : { $ref: `#/components/responses/${nameOf(each)}` },
  ]);
  return { ...Object.fromEntries([...answers, ...errors]), 431: { $ref: '#/components/responses/gateway' } };
}

/** Every error response that an operation refers to, by its name. */
export function sharedResponses(routes: readonly Route[]): Readonly<Record<string, object>> {
  const shared = routes.filter(({ isForPeople }) => !isForPeople).flatMap(errorResponsesOf);
  return { gateway: tooLarge, ...Object.fromEntries(shared.map((each) => [nameOf(each), errorResponse(each, false)])) };
}
