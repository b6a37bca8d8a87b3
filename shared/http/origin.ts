import { ApiError } from '../base/errors.ts';
import type { Instance } from '../base/instance.ts';
import type { HttpRequest } from './request.ts';

const READING_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The page's origin, if its pages may call the Frontend API. Origins are compared exactly, without prefix, suffix or pattern. clerk-js
 * posts forms, which need no preflight, so CORS does not stop other pages, and this check must. Undefined for callers without an Origin.
 *
 * @throws `multiple_origin_header_values_forbidden`, `origin_invalid`, `origin_authorization_headers_conflict`
 */
export function checkedOrigin({
  method,
  header,
  instance,
}: Pick<HttpRequest, 'method' | 'header' | 'instance'>): string | undefined {
  const origin = header('origin');
  if (origin === undefined) {
    // Browsers send Origin with every POST. A POST without it that another site caused is refused too.
    const isForeign = header('sec-fetch-site') === 'cross-site' && !READING_METHODS.has(method);
    if (isForeign) throw new ApiError('origin_invalid');
    return undefined;
  }
  if (origin.includes(',')) throw new ApiError('multiple_origin_header_values_forbidden');
  if (!instance.allowedOrigins.has(origin)) throw new ApiError('origin_invalid');
  if (header('authorization') !== undefined) throw new ApiError('origin_authorization_headers_conflict');
  return origin;
}

/**
 * The Frontend API's own origin, if the request comes from one of its own pages. A page of any other origin is refused, an allowed one too.
 * No page can choose the `Origin` that its browser sends.
 *
 * @throws `not_allowed_access`
 */
export function checkOwnPage({ header, instance }: Pick<HttpRequest, 'header' | 'instance'>): string {
  const { origin } = new URL(instance.frontendApiUrl);
  const site = header('sec-fetch-site');
  const isForeign = header('origin') !== origin || site === 'cross-site' || site === 'same-site';
  if (!isForeign) return origin;
  const sentence =
    'Only the page of the link itself may do this, and nothing was changed. Open the link and press its button.';
  throw new ApiError({ code: 'not_allowed_access', sentence });
}

/** The CORS headers for an allowed origin, and none for another. There is no wildcard, because cookies are sent. */
export function corsHeaders(origin: string | undefined, instance: Instance): Readonly<Record<string, string>> {
  if (origin === undefined || !instance.allowedOrigins.has(origin)) return { vary: 'Origin' };
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers':
      'Authorization, Clerk-Db-Jwt, Retry-After, X-Country, Clerk-Trace-Id, Date, Impersonation-Reason',
  };
}

/** A page of any origin may read the answer, without its cookies. */
export const forAnyOrigin = { 'access-control-allow-origin': '*' } as const;

/** A browser repeats a preflight after this time. */
const PREFLIGHT_MAX_AGE = { 'access-control-max-age': '7200' } as const;

/** The headers of the answer to a preflight of what anyone may read. */
export const openPreflightHeaders: Readonly<Record<string, string>> = {
  ...forAnyOrigin,
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-allow-headers': '*',
  ...PREFLIGHT_MAX_AGE,
};

/**
 * The headers that tools for tracing add to every request of a page. They are ignored, but without them in the answer to its preflight a
 * browser does not send the request at all. Sources: W3C Trace Context and Baggage, B3, and the vendors' documents.
 */
const TRACING_HEADERS = [
  ...['traceparent', 'tracestate', 'baggage'],
  ...['b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled', 'x-b3-flags'],
  ...['sentry-trace', 'newrelic', 'elastic-apm-traceparent', 'uber-trace-id', 'x-amzn-trace-id'],
  ...['x-datadog-trace-id', 'x-datadog-parent-id', 'x-datadog-origin', 'x-datadog-sampling-priority'],
  ...['request-id', 'request-context', 'x-request-id', 'x-correlation-id'],
];

/**
 * The headers of the answer to a preflight, which a browser sends before a request that is not simple. A wildcard would not help: it has
 * no meaning in requests with cookies.
 */
export function preflightHeaders(origin: string | undefined, instance: Instance): Readonly<Record<string, string>> {
  return {
    ...corsHeaders(origin, instance),
    'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
    'access-control-allow-headers': [
      'authorization, content-type, x-mobile, x-expo-sdk-version, clerk-api-version',
      ...TRACING_HEADERS,
    ].join(', '),
    ...PREFLIGHT_MAX_AGE,
  };
}
