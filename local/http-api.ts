import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { authorizing } from './authorizers.ts';
import { eventFrom, splitTarget } from './http-event.ts';
import { gatewayResponse, type HttpResponse, responseFrom } from './http-response.ts';
import { router } from './http-routes.ts';
import { Refusal } from './refusal.ts';
import { type LocalServer, listenLocally } from './server.ts';
import type { RouteDefinition } from './stack.ts';

/** API Gateway quotas: 10 MB of body, 10,240 bytes of request line and header values. */
const maximumBodyBytes = 10 * 1024 * 1024;
const maximumHeaderBytes = 10_240;

/** What the API answers with, once it is known. */
export interface Backend {
  readonly routes: readonly RouteDefinition[];
  readonly invoke: (functionName: string, event: unknown) => Promise<unknown>;
  readonly now: () => number;
  /** Answers what is no part of the stack, such as the paths under `/__local/`; undefined for all else. */
  readonly local: (request: IncomingMessage, path: string, body: Buffer) => Promise<HttpResponse> | undefined;
  /** Told of each answered request, without query and body: those carry tickets. */
  readonly onRequest: (line: string) => void;
}

export interface HttpApi extends LocalServer {
  /** From now on requests are answered; before, with 503. */
  serve(backend: Backend): void;
}

/** Reads a body to its end, so that the client hears the answer, but keeps no more than API Gateway takes. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= maximumBodyBytes) chunks.push(chunk);
  }
  return length <= maximumBodyBytes ? Buffer.concat(chunks) : undefined;
}

function headerBytes({ method = '', url = '', rawHeaders }: IncomingMessage): number {
  const values = rawHeaders.filter((_text, position) => position % 2 === 1);
  return Buffer.byteLength(`${method} ${url} HTTP/1.1`) + Buffer.byteLength(values.join(''));
}

function isDecodable(path: string): boolean {
  try {
    return path.startsWith('/') && decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
}

function answerer({ routes, invoke, now, local }: Backend) {
  const route = router(routes);
  const invokeAuthorized = authorizing(routes, invoke);
  return async (request: IncomingMessage, requestId: string): Promise<HttpResponse> => {
    const body = await readBody(request);
    const { path } = splitTarget(request.url ?? '/');
    if (headerBytes(request) > maximumHeaderBytes) return gatewayResponse(431, 'Request Header Fields Too Large');
    if (!body) return gatewayResponse(413, 'Request Entity Too Large');
    if (!isDecodable(path)) return gatewayResponse(400, 'Bad Request');
    const answer = local(request, path, body);
    if (answer) return answer;
    const match = route(request.method ?? 'GET', path);
    if (!match) return gatewayResponse(404, 'Not Found');
    try {
      const event = eventFrom(request, { match, body, requestId, now: now() });
      const response = responseFrom(await invokeAuthorized(match.route.functionName, event));
      // The functions' time, by which a page reckons what is left of a session.
      return { ...response, headers: { date: new Date(now()).toUTCString(), ...response.headers } };
    } catch {
      return gatewayResponse(500, 'Internal Server Error');
    }
  };
}

function send(response: ServerResponse, { status, headers, body }: HttpResponse, requestId: string): void {
  response.writeHead(status, { ...headers, 'content-length': body.length, 'apigw-requestid': requestId });
  response.end(body);
}

/**
 * Listens as an HTTP API on 127.0.0.1; what answers is given later, so that a taken port is known before anything is started.
 * @throws Refusal when the port is taken or not allowed.
 */
export async function openHttpApi(port: number): Promise<HttpApi> {
  let backend: { readonly answer: ReturnType<typeof answerer>; readonly onRequest: Backend['onRequest'] } | undefined;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const started = performance.now();
    if (!backend) return send(response, gatewayResponse(503, 'Service Unavailable'), requestId);
    const answer = await backend.answer(request, requestId);
    send(response, answer, requestId);
    // A terminal may take unprintable bytes for commands.
    const path = splitTarget(request.url ?? '').path.replace(/[^\x21-\x7e]/g, '?');
    backend.onRequest(`${request.method} ${path} ${answer.status} ${Math.round(performance.now() - started)} ms`);
  }

  // Above the quota, so that it is this code which refuses.
  const server = createServer({ maxHeaderSize: 8 * maximumHeaderBytes }, (request, response) => {
    // Rejects when the client has gone away, or a function's header cannot be sent.
    respond(request, response).catch(() => {
      if (response.headersSent || response.destroyed) response.destroy();
      else send(response, gatewayResponse(500, 'Internal Server Error'), randomUUID());
    });
  });
  const listening = await listenLocally(server, port).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE')
      throw new Refusal(
        `Port ${port} is taken: stop what listens there, or choose another with PORT=${port + 1} npm start.`,
      );
    if (code === 'EACCES')
      throw new Refusal(`Port ${port} is not allowed to you: choose another with PORT=3000 npm start.`);
    throw error;
  });
  return {
    ...listening,
    serve: (given) => {
      backend = { answer: answerer(given), onRequest: given.onRequest };
    },
  };
}
