export interface RouteDefinition {
  /** `METHOD /path/{parameter}` or `$default`. */
  readonly routeKey: string;
  readonly functionName: string;
  /** The Lambda authorizer, which decides whether the function is invoked. */
  readonly authorizer?: string;
}

/** A route that matches a request, with the decoded path parameters. */
export interface RouteMatch {
  readonly route: RouteDefinition;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

interface ParsedRoute {
  readonly route: RouteDefinition;
  readonly method: string;
  readonly segments: readonly string[];
}

const isGreedy = (segment: string) => segment.endsWith('+}');
const isParameter = (segment: string) => segment.startsWith('{');
const parameterName = (segment: string) => segment.replace(/^\{|\+?\}$/g, '');

/**
 * Returns the rank of a route; a lower one takes precedence. Segment by segment, a static one precedes `{parameter}`, which
 * precedes `{greedy+}`; a method precedes `ANY`.
 */
function rank({ segments, method }: ParsedRoute): string {
  const kinds = segments.map((segment) => (isGreedy(segment) ? '2' : isParameter(segment) ? '1' : '0'));
  return `${kinds.join('')}~${method === 'ANY' ? 1 : 0}`;
}

function match(segments: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [position, segment] of segments.entries()) {
    const value = path[position];
    if (!value && isParameter(segment)) return undefined;
    if (isGreedy(segment)) {
      parameters[parameterName(segment)] = path.slice(position).join('/');
      return parameters;
    }
    if (isParameter(segment)) parameters[parameterName(segment)] = value ?? '';
    else if (segment !== value) return undefined;
  }
  return segments.length === path.length ? parameters : undefined;
}

/** Chooses routes as an API Gateway HTTP API does: the most specific path, then `$default`, then none. */
export function router(
  routes: readonly RouteDefinition[],
): (method: string, rawPath: string) => RouteMatch | undefined {
  const fallback = routes.find(({ routeKey }) => routeKey === '$default');
  const parsed = routes
    .filter((route) => route !== fallback)
    .map((route): ParsedRoute => {
      const [method = '', path = ''] = route.routeKey.split(' ');
      return { route, method, segments: path.split('/') };
    })
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1));

  return (method, encodedPath) => {
    const path = encodedPath.split('/').map(decodeURIComponent);
    for (const candidate of parsed) {
      if (candidate.method !== method && candidate.method !== 'ANY') continue;
      const parameters = match(candidate.segments, path);
      if (!parameters) continue;
      const pathParameters = Object.keys(parameters).length > 0 ? parameters : undefined;
      return { route: candidate.route, pathParameters };
    }
    return fallback && { route: fallback, pathParameters: undefined };
  };
}
