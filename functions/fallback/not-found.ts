// Any method and path that no operation has, and the preflights of those that one has.
import { ApiError } from '../../shared/base/errors.ts';
import { errorAnswer } from '../../shared/http/error-answer.ts';
import { type HttpEvent, operationHandler } from '../../shared/http/operation.ts';
import { corsHeaders, preflightHeaders } from '../../shared/http/origin.ts';
import { headerOf, traceIdOf } from '../../shared/http/request.ts';
import { type Route, routes } from '../routes.ts';

function isSame(part: string, segment: string): boolean {
  return part.startsWith('{') ? segment !== '' : part === segment;
}

/** The routes of a path, whatever their method; a `{name}` in a route stands for one segment, a `{name+}` for the rest. */
function routesOf(path: string): readonly Route[] {
  const segments = path.split('/');
  const matches = (pattern: string) => {
    const expected = pattern.split('/');
    const isLongEnough = expected.at(-1)?.endsWith('+}')
      ? segments.length >= expected.length
      : segments.length === expected.length;
    return isLongEnough && expected.every((part, index) => isSame(part, segments[index] ?? ''));
  };
  return routes.filter((route) => matches(route.path));
}

/** Pages may read what they are told, but for the Backend API, which is for servers. */
function corsOf(event: HttpEvent): Readonly<Record<string, string>> {
  const isForServers = routesOf(event.rawPath).some(({ audience }) => audience === 'backend');
  return !isForServers ? corsHeaders(headerOf(event, 'origin')) : {};
}

export const notFound = operationHandler('NotFound', { headers: corsOf }, async (event) => {
  const found = routesOf(event.rawPath);
  if (found.length === 0)
    throw new ApiError({ code: 'resource_not_found', sentence: 'There is nothing at this path.' });
  const isForPages = found.some(({ audience }) => audience === 'frontend');
  const isPreflight = event.requestContext.http.method === 'OPTIONS' && isForPages;
  if (isPreflight) return { status: 204, headers: preflightHeaders(headerOf(event, 'origin')) };
  const allow = [...new Set(found.map(({ method }) => method))].join(', ');
  return { ...errorAnswer(new ApiError('method_not_allowed'), traceIdOf(event)), headers: { allow } };
});
