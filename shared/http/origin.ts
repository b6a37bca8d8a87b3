import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import type { HttpRequest } from './request.ts';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The page's origin if it may call the Frontend API, compared whole: no prefix, suffix or pattern. clerk-js posts forms that
 * need no preflight, so CORS stops nothing here and this check is what does. Undefined for callers that are no browsers.
 *
 * @throws `multiple_origin_header_values_forbidden`, `origin_invalid`, `origin_authorization_headers_conflict`
 */
export function checkedOrigin({ method, header }: Pick<HttpRequest, 'method' | 'header'>): string | undefined {
  const origin = header('origin');
  if (origin === undefined) {
    // Browsers send Origin with every post; one that a foreign page caused must not pass for lack of it.
    const isForeign = header('sec-fetch-site') === 'cross-site' && !READING.has(method);
    if (isForeign) throw new ApiError('origin_invalid');
    return undefined;
  }
  if (origin.includes(',')) throw new ApiError('multiple_origin_header_values_forbidden');
  if (!config.allowedOrigins.has(origin)) throw new ApiError('origin_invalid');
  if (header('authorization') !== undefined) throw new ApiError('origin_authorization_headers_conflict');
  return origin;
}

/** CORS for allowed origins, none for others; never a wildcard, because cookies travel. */
export function corsHeaders(origin: string | undefined): Readonly<Record<string, string>> {
  if (origin === undefined || !config.allowedOrigins.has(origin)) return { vary: 'Origin' };
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'Authorization, Clerk-Db-Jwt, Retry-After, X-Country, Clerk-Trace-Id, Date',
  };
}

/** What a browser asks before a request that is not a simple one. */
export function preflightHeaders(origin: string | undefined): Readonly<Record<string, string>> {
  return {
    ...corsHeaders(origin),
    'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
    'access-control-allow-headers': 'authorization, content-type, x-mobile, x-expo-sdk-version, clerk-api-version',
    'access-control-max-age': '7200',
  };
}
