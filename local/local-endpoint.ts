// The parts that the endpoints below `/__local/` have in common.
import type { IncomingMessage } from 'node:http';
import type { HttpResponse } from './aws/http-api/response.ts';

/** Answers a request of the local run that is not the product's. */
export type LocalEndpoint = (request: IncomingMessage, path: string, body: Buffer) => Promise<HttpResponse>;

/** The answer with a JSON body. */
export function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', vary: 'Origin', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** Returns whether a request says that its body is JSON, for which a browser sends a preflight first. */
export function isJson(request: IncomingMessage): boolean {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() === 'application/json';
}

/** The answer to a preflight. */
export function preflight(methods: string): HttpResponse {
  const headers = { 'access-control-allow-methods': methods, 'access-control-allow-headers': 'content-type' };
  return { status: 204, headers, body: Buffer.alloc(0) };
}

/** A page of any website can send requests to 127.0.0.1, so only pages of these origins are accepted. */
export function forOrigins(origins: ReadonlySet<string>, what: string, answer: LocalEndpoint): LocalEndpoint {
  return async (request, path, body) => {
    const { origin } = request.headers;
    if (origin === undefined) return answer(request, path, body);
    if (!origins.has(origin)) return json(403, { message: `Pages of this origin may not use ${what}.` });
    const response = await answer(request, path, body);
    return { ...response, headers: { ...response.headers, 'access-control-allow-origin': origin } };
  };
}
