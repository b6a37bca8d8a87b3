import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Caller } from '../base/caller.ts';
import { ApiError } from '../base/errors.ts';
import { type EpochMs, epochMs } from '../base/time.ts';
import { isBehindCloudFront, isOriginSecret } from './origin-secret.ts';

/** What an operation may know of an HTTP request. Made anew from the event, which stays as it came. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** The parameters in the route's path, decoded; an unnamed one is the empty string. */
  readonly pathParameter: (name: string) => string;
  readonly query: URLSearchParams;
  /** Undefined when absent or empty. */
  readonly header: (name: string) => string | undefined;
  readonly cookies: readonly string[];
  readonly body: Buffer;
  readonly caller: Caller;
  /** The only time this request knows. */
  readonly now: EpochMs;
}

/** API Gateway lower-cases header names, the SAM CLI does not. */
export function headerOf(event: APIGatewayProxyEventV2, name: string): string | undefined {
  const found = Object.entries(event.headers).find(([key]) => key.toLowerCase() === name);
  return found?.[1] || undefined;
}

/** 32 hexadecimal digits that lead from an answer to its log line and, through the request id, to the access log. */
export function traceIdOf(event: APIGatewayProxyEventV2): string {
  return createHash('sha256').update(event.requestContext.requestId).digest('hex').slice(0, 32);
}

/**
 * The method a post stands for: clerk-js sends `POST …?_method=DELETE` to stay free of preflights. Only a post can be
 * overridden, so a link never acts.
 */
export function methodOverride(event: APIGatewayProxyEventV2): 'PUT' | 'PATCH' | 'DELETE' | undefined {
  if (event.requestContext.http.method !== 'POST') return undefined;
  const asked = new URLSearchParams(event.rawQueryString).get('_method')?.toUpperCase();
  return asked === 'PUT' || asked === 'PATCH' || asked === 'DELETE' ? asked : undefined;
}

function isFromCloudFront(event: APIGatewayProxyEventV2): boolean {
  return isOriginSecret(headerOf(event, 'x-origin-secret'));
}

/**
 * Refuses a request that went around the CloudFront in front, if there is one. Costs no call of AWS.
 *
 * @throws `authorization_invalid`
 */
export function checkOriginSecret(event: APIGatewayProxyEventV2): void {
  if (isBehindCloudFront && !isFromCloudFront(event)) throw new ApiError('authorization_invalid');
}

/**
 * Who connected: to CloudFront, if that is who asks, else to the API. No header but CloudFront's own is believed: anyone can
 * send `X-Forwarded-For`.
 */
export function sourceIpOf(event: APIGatewayProxyEventV2): string {
  const viewer = isFromCloudFront(event) ? headerOf(event, 'x-viewer-address') : undefined;
  return viewer ?? event.requestContext.http.sourceIp;
}

function cookiesOf(event: APIGatewayProxyEventV2): readonly string[] {
  const cookies = event.cookies ?? headerOf(event, 'cookie')?.split(';') ?? [];
  return cookies.map((cookie) => cookie.trim());
}

export function httpRequest(event: APIGatewayProxyEventV2): HttpRequest {
  const { http } = event.requestContext;
  return {
    method: http.method,
    path: event.rawPath,
    pathParameter: (name) => event.pathParameters?.[name] ?? '',
    query: new URLSearchParams(event.rawQueryString),
    header: (name) => headerOf(event, name),
    cookies: cookiesOf(event),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    caller: { sourceIp: sourceIpOf(event), userAgent: headerOf(event, 'user-agent')?.slice(0, 512).toWellFormed() },
    now: epochMs(Date.now()),
  };
}

/** Only what is a date comes out of Date as it went in. */
function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && text.length === 'yyyy-mm-dd'.length;
}

/**
 * Accepts every API version that is a date: all of them are answered alike here, and clients send newer ones than any list.
 *
 * @throws `api_version_invalid` when it is no date, or given twice
 */
export function checkApiVersion({ header, query }: HttpRequest): void {
  const versions = [header('clerk-api-version'), ...query.getAll('__clerk_api_version')].filter(
    (each) => each !== undefined,
  );
  if (versions.length > 1 || !versions.every(isDate)) {
    throw new ApiError('api_version_invalid');
  }
}
