// Reverse proxies of an app's own server, which forward a path of the app's origin to the Frontend API.
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { clerkFrontendApiProxy } from '@clerk/backend/proxy';

export interface Destination {
  /** URL of the API. */
  readonly apiUrl: string;
  /** The path of the app's origin that is forwarded there. */
  readonly path: string;
  readonly publishableKey: string;
  readonly secretKey: string;
}

export type Forward = (request: IncomingMessage, response: ServerResponse, destination: Destination) => void;

/** Forwards as docs/deploy.md describes for any proxy: without the path prefix, with the API's Host, otherwise unchanged. */
export const passOn: Forward = (request, response, { apiUrl, path }) => {
  const target = new URL(apiUrl + (request.url ?? '').slice(path.length));
  const headers = { ...request.headers, host: target.host };
  const passed = httpRequest(target, { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
  });
  passed.once('error', () => response.destroy());
  request.pipe(passed);
};

async function askClerksProxy(request: IncomingMessage, { apiUrl, path, ...keys }: Destination): Promise<Response> {
  const headers = Object.entries(request.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
  const asked = new Request(`http://${request.headers.host}${request.url}`, {
    method: request.method ?? 'GET',
    headers,
    ...(hasBody && { body: Readable.toWeb(request) as ReadableStream, duplex: 'half' }),
  });
  return clerkFrontendApiProxy(asked, { proxyPath: path, fapiUrl: apiUrl, ...keys });
}

/** Forwards with the proxy that comes with Clerk's own packages. */
export const passOnAsClerk: Forward = (request, response, destination) => {
  const answered = askClerksProxy(request, destination).then(async ({ status, headers, body }) => {
    response.writeHead(status, { ...Object.fromEntries(headers), 'set-cookie': headers.getSetCookie() });
    if (body) await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), response);
    else response.end();
  });
  answered.catch(() => response.destroy());
};
