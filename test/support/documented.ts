// Compares real answers with the published document.
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { documentedPath } from '../../cdk/openapi/document.ts';
import { openapiDocument } from '../../functions/fallback/get-openapi.ts';
import { routes } from '../../functions/routes.ts';
import { methodOverride } from '../../shared/http/method-override.ts';
import type { HttpEvent } from '../../shared/http/operation.ts';

/** The part of an OpenAPI response that an answer is compared with. */
interface Response {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly content?: Readonly<Record<string, object>>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const ID = 'openapi.json';
const document = JSON.parse(openapiDocument());

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, ID);

function pointer(...parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');
}

/** Returns the errors of a value against the schema at this place of the document; none when it matches. */
function mismatches(value: unknown, ...place: readonly string[]): readonly string[] {
  const $ref = `${ID}#${pointer(...place)}`;
  const validate = ajv.getSchema($ref);
  if (!validate) throw new Error(`The document has no ${$ref}.`);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Checks answers to requests that no operation has: errors in the published shape, preflights, and HEAD. */
function undocumentedDefault({ status, text }: Answer, method: string): readonly string[] {
  if (status === 204) return text === '' ? [] : ['a preflight has a body'];
  const names = { 403: 'authorization_invalid', 404: 'resource_not_found', 405: 'method_not_allowed' };
  const code = Object.entries(names).find(([each]) => Number(each) === status)?.[1];
  if (code === undefined) return [`no operation answers ${status}`];
  if (method === 'HEAD') return contentOfHead(text);
  const errors = JSON.parse(text);
  const isThat = errors.errors.length === 1 && errors.errors[0].code === code;
  return [...mismatches(errors, 'components', 'schemas', 'Errors'), ...(isThat ? [] : [`is not ${code}`])];
}

function contentOfHead(text: string): readonly string[] {
  return text === '' ? [] : ['the answer to HEAD has content'];
}

/** Returns the operation of an event, or undefined when there is none. HEAD has the operation of GET. */
export function routeOf(event: HttpEvent) {
  const [method = '', path = ''] = event.routeKey.split(' ');
  const find = (asked: string) =>
    routes.find((route) => route.method === asked.replace('HEAD', 'GET') && route.path === path);
  const overridden = methodOverride(event);
  return overridden === undefined ? find(method) : (find(overridden) ?? find(method));
}

/**
 * Returns everything in an answer that the document does not describe for its operation: the status, a code, a header, the media
 * type or a member. The list is empty when the document describes all of it.
 */
export function undocumented(event: HttpEvent, answer: Answer): readonly string[] {
  const route = routeOf(event);
  const { method } = event.requestContext.http;
  if (!route) return undocumentedDefault(answer, method);
  const path = documentedPath(route.path);
  const place = ['paths', path, route.method.toLowerCase(), 'responses', String(answer.status)];
  const response: Response | undefined = document.paths[path][route.method.toLowerCase()].responses[answer.status];
  if (!response) {
    // A POST whose `_method` names a method that its path does not have.
    return methodOverride(event)
      ? undocumentedDefault(answer, method)
      : [`${route.operation} answers no ${answer.status}`];
  }
  const name = response.$ref?.slice('#/components/responses/'.length);
  const isShared = name !== undefined;
  const { headers = {}, content = {} }: Response = isShared ? document.components.responses[name] : response;
  const missing = Object.keys(headers).filter((each) => answer.headers[each.toLowerCase()] === undefined);
  const [mediaType = ''] = (answer.headers['content-type'] ?? '').split(';');
  return [
    ...missing.map((each) => `has no header ${each}`),
    ...(method === 'HEAD'
      ? contentOfHead(answer.text)
      : undocumentedContent(answer, mediaType, content, isShared ? ['components', 'responses', name] : place)),
  ];
}

function undocumentedContent(
  { text }: Answer,
  mediaType: string,
  content: NonNullable<Response['content']>,
  place: readonly string[],
): readonly string[] {
  if (Object.keys(content).length === 0) return text === '' && mediaType === '' ? [] : ['has a body'];
  if (!(mediaType in content)) return [`is ${mediaType || 'empty'}`];
  const value: unknown = mediaType === 'application/json' ? JSON.parse(text) : text;
  return mismatches(value, ...place, 'content', mediaType, 'schema');
}
