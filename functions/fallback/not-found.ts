// Answers every method and path that no operation has, and the preflights of the Frontend API.
import { ApiError } from '../../shared/base/errors.ts';
import type { Instance } from '../../shared/base/instance.ts';
import { answerError } from '../../shared/http/answer-error.ts';
import { headerOf } from '../../shared/http/header.ts';
import { type HttpEvent, httpOperation } from '../../shared/http/operation.ts';
import { corsHeaders, preflightHeaders } from '../../shared/http/origin.ts';
import { traceIdOf } from '../../shared/http/trace-id.ts';
import { type RouteTarget, routeTargets } from '../defined-when-built.ts';

/** `{name}` in the path of a route matches one segment. `{name+}` at its end matches one or more. */
function patternOf(path: string): RegExp {
  const segments = path.split('/').map((segment) => {
    if (segment.endsWith('+}')) return '[^/][^]*';
    return segment.startsWith('{') ? '[^/]+' : RegExp.escape(segment);
  });
  return new RegExp(`^${segments.join('/')}$`);
}

const patterns = routeTargets.map((route) => ({ route, pattern: patternOf(route.path) }));

/** The routes of a path, whatever their method. */
function routesOf(path: string): readonly RouteTarget[] {
  return patterns.filter(({ pattern }) => pattern.test(path)).map(({ route }) => route);
}

/** Pages may read these answers, but not the ones of the Backend API, which is for servers. */
function corsOf(event: HttpEvent, instance: Instance): Readonly<Record<string, string>> {
  const isForServers = routesOf(event.rawPath).some(({ audience }) => audience === 'backend');
  return isForServers ? {} : corsHeaders(headerOf(event, 'origin'), instance);
}

export const NotFound = httpOperation('NotFound', { headers: corsOf }, async (event, instance) => {
  const found = routesOf(event.rawPath);
  if (found.length === 0)
    throw new ApiError({ code: 'resource_not_found', sentence: 'There is nothing at this path.' });
  const isForPages = found.some(({ audience }) => audience === 'frontend');
  const isPreflight = event.requestContext.http.method === 'OPTIONS' && isForPages;
  if (isPreflight) return { status: 204, headers: preflightHeaders(headerOf(event, 'origin'), instance) };
  const allow = [...new Set(found.map(({ method }) => method))].join(', ');
  return { ...answerError(new ApiError('method_not_allowed'), traceIdOf(event)), headers: { allow } };
});
