import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { accountId } from '../account.ts';
import type { RouteMatch } from './routes.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Headers of the connection, not of the request: they are not in an event. Cookies have a member of their own. */
const omittedHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'te', 'upgrade', 'expect', 'cookie']);
const textTypes = /^(text\/.*|application\/(json|xml|javascript))$/;

interface EventParts {
  readonly match: RouteMatch;
  readonly body: Buffer;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Returns a time in the common log format, as in `requestContext.time`. */
function commonLogTime(now: number): string {
  const [date = '', time = ''] = new Date(now).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}

function joinedHeaders(request: IncomingMessage, bodyLength: number): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(request.headersDistinct))
    if (values && !omittedHeaders.has(name)) headers[name] = values.join(',');
  const forwardedFor = request.headers['x-forwarded-for'];
  const sourceIp = sourceIpOf(request);
  if (bodyLength > 0) headers['content-length'] = String(bodyLength);
  headers['x-forwarded-for'] = forwardedFor ? `${forwardedFor}, ${sourceIp}` : sourceIp;
  headers['x-forwarded-port'] = String(request.socket.localPort);
  headers['x-forwarded-proto'] = 'http';
  return headers;
}

function sourceIpOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? '127.0.0.1';
}

function cookiesOf(request: IncomingMessage): string[] {
  const lines = request.headersDistinct.cookie ?? [];
  const cookies = lines.flatMap((line) => line.split(';').map((cookie) => cookie.replace(/^ +/, '')));
  return cookies.filter((cookie) => cookie !== '');
}

function joinedQuery(rawQueryString: string): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQueryString))
    query[name] = name in query ? `${query[name]},${value}` : value;
  return query;
}

function isText(request: IncomingMessage): boolean {
  const type = (request.headers['content-type'] ?? '').split(';')[0] ?? '';
  return textTypes.test(type.trim().toLowerCase());
}

/** Returns the path as the client encoded it, and the query string without its question mark. */
export function splitTarget(target: string): { readonly path: string; readonly rawQueryString: string } {
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, rawQueryString: '' }
    : { path: target.slice(0, mark), rawQueryString: target.slice(mark + 1) };
}

function requestContext(request: IncomingMessage, path: string, { match, requestId, now }: EventParts) {
  return {
    accountId,
    apiId: 'local',
    domainName: '127.0.0.1',
    domainPrefix: '127',
    http: {
      method: request.method ?? 'GET',
      path,
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: sourceIpOf(request),
      userAgent: request.headers['user-agent'] ?? '',
    },
    requestId,
    routeKey: match.route.routeKey,
    stage: '$default',
    time: commonLogTime(now),
    timeEpoch: now,
  };
}

/**
 * Returns the event of payload format 2.0 that an HTTP API makes of a request: the path is decoded and the query string is not,
 * repeated headers and parameters are joined with commas, cookies have a member of their own, and a body is in base64 unless its
 * type is a text.
 */
export function eventFrom(request: IncomingMessage, parts: EventParts): APIGatewayProxyEventV2 {
  const { match, body } = parts;
  const { path, rawQueryString } = splitTarget(request.url ?? '/');
  const rawPath = decodeURIComponent(path);
  const cookies = cookiesOf(request);
  const text = isText(request);
  return {
    version: '2.0',
    routeKey: match.route.routeKey,
    rawPath,
    rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers: joinedHeaders(request, body.length),
    ...(rawQueryString !== '' && { queryStringParameters: joinedQuery(rawQueryString) }),
    requestContext: requestContext(request, rawPath, parts),
    ...(match.pathParameters && { pathParameters: match.pathParameters }),
    ...(body.length > 0 && { body: body.toString(text ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !text,
  };
}
