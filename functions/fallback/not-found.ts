// Answers every method and path that no operation has, and the preflights of everything that pages may read.
import { ApiError } from '../../shared/base/errors.ts';
import type { Instance } from '../../shared/base/instance.ts';
import { lazily } from '../../shared/base/lazily.ts';
import { answerError } from '../../shared/http/answer-error.ts';
import { headerOf } from '../../shared/http/header.ts';
import { methodNamedBy } from '../../shared/http/method-override.ts';
import { type HttpEvent, httpOperation } from '../../shared/http/operation.ts';
import { corsHeaders, forAnyOrigin, openPreflightHeaders, preflightHeaders } from '../../shared/http/origin.ts';
import { traceIdOf } from '../../shared/http/trace-id.ts';
import { type RouteTarget, routeTargets } from '../defined-when-built.ts';
import { httpMethodsOf } from '../route.ts';

/** `{name}` in the path of a route matches one segment. `{name+}` at its end matches one or more. */
function patternOf(path: string): RegExp {
  const segments = path.split('/').map((segment) => {
    if (segment.endsWith('+}')) return '[^/][^]*';
    return segment.startsWith('{') ? '[^/]+' : RegExp.escape(segment);
  });
  return new RegExp(`^${segments.join('/')}$`);
}

const patterns = lazily(() => routeTargets().map((route) => ({ route, pattern: patternOf(route.path) })));

/** The routes of a path, whatever their method. */
function routesOf(path: string): readonly RouteTarget[] {
  return patterns()
    .filter(({ pattern }) => pattern.test(path))
    .map(({ route }) => route);
}

/** Pages of any origin may read the answers of these routes. */
function areOpen(found: readonly RouteTarget[]): boolean {
  return found.some(({ audience, isForPeople }) => audience === 'public' && !isForPeople);
}

/** Pages may read these answers, but not the ones of the Backend API, which is for servers. */
function corsOf(event: HttpEvent, instance: Instance): Readonly<Record<string, string>> {
  const found = routesOf(event.rawPath);
  if (areOpen(found)) return forAnyOrigin;
  const isForServers = found.some(({ audience }) => audience === 'backend');
  return isForServers ? {} : corsHeaders(headerOf(event, 'origin'), instance);
}

/** The headers that answer a preflight; undefined where no page may call. */
function preflightOf(
  found: readonly RouteTarget[],
  event: HttpEvent,
  instance: Instance,
): Readonly<Record<string, string>> | undefined {
  if (areOpen(found)) return openPreflightHeaders;
  const isForPages = found.some(({ audience }) => audience === 'frontend');
  return isForPages ? preflightHeaders(headerOf(event, 'origin'), instance) : undefined;
}

/** The methods that this URL has. POST stands for another method only if the query names that one. */
function methodsOf(found: readonly RouteTarget[], { rawQueryString }: HttpEvent): readonly string[] {
  const named = methodNamedBy(rawQueryString);
  return found.flatMap((route) =>
    httpMethodsOf(route).filter((each) => each !== 'POST' || route.method === 'POST' || route.method === named),
  );
}

/**
 * The answer to every method and path that no operation has.
 *
 * @param sentenceFor a sentence that says more about a path than that there is nothing, or not this method
 */
export function notFound(sentenceFor: (path: string) => string | undefined) {
  return httpOperation('NotFound', { headers: corsOf }, async (event, instance) => {
    const { method } = event.requestContext.http;
    const found = routesOf(event.rawPath);
    const methods = methodsOf(found, event);
    const sentence = sentenceFor(event.rawPath);
    // The HTTP API compares paths as they were sent, and `rawPath` is decoded. A path that only now has a route was sent with an encoded
    // slash.
    const isOtherPath = event.routeKey === '$default' && methods.includes(method);
    if (found.length === 0 || isOtherPath)
      throw new ApiError({ code: 'resource_not_found', sentence: sentence ?? 'There is nothing at this path.' });
    const preflight = preflightOf(found, event, instance);
    if (preflight && method === 'OPTIONS') return { status: 204, headers: preflight };
    const allow = [...new Set([...methods, ...(preflight ? ['OPTIONS'] : [])])].join(', ');
    const error = new ApiError({ code: 'method_not_allowed', ...(sentence && { sentence }) });
    return { ...answerError(error, traceIdOf(event)), headers: { allow } };
  });
}
