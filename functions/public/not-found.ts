// Any method and path that no operation has, and the preflights of those that one has.
import { ApiError } from '../../shared/errors.ts';
import { errorAnswer } from '../../shared/http/error-answer.ts';
import { operationHandler } from '../../shared/http/operation.ts';
import { corsHeaders, preflightHeaders } from '../../shared/http/origin.ts';
import { headerOf, traceIdOf } from '../../shared/http/request.ts';
import { routes } from '../routes.ts';

/** The methods that exist for a path; a `{name}` in a route stands for one segment. */
function methodsOf(path: string): readonly string[] {
  const segments = path.split('/');
  const matches = (pattern: string) => {
    const expected = pattern.split('/');
    return (
      expected.length === segments.length &&
      expected.every((part, index) => part.startsWith('{') || part === segments[index])
    );
  };
  return routes.filter((route) => matches(route.path)).map(({ method }) => method);
}

export const notFound = operationHandler(
  'NotFound',
  { headers: (event) => corsHeaders(headerOf(event, 'origin')) },
  async (event) => {
    const methods = methodsOf(event.rawPath);
    if (methods.length === 0)
      throw new ApiError({ code: 'resource_not_found', sentence: 'There is nothing at this path.' });
    const isPreflight = event.requestContext.http.method === 'OPTIONS';
    if (isPreflight) return { status: 204, headers: preflightHeaders(headerOf(event, 'origin')) };
    return {
      ...errorAnswer(new ApiError('method_not_allowed'), traceIdOf(event)),
      headers: { allow: methods.join(', ') },
    };
  },
);
