import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type LocalServer, listenLocally } from '../server.ts';
import { authorizing } from './authorizers.ts';
import { eventFrom, splitTarget } from './event.ts';
import { gatewayResponse, type HttpResponse, responseFrom } from './response.ts';
import { type RouteDefinition, router } from './routes.ts';

/** API Gateway quotas for HTTP APIs: 10 MB of body, 10,240 bytes of request line and header values. */
const MAX_BODY_IN_BYTES = 10 * 1024 * 1024;
const MAX_HEADERS_IN_BYTES = 10_240;

/** Answers a request that is no part of the stack; returns undefined for all others. */
export type AnswerLocally = (request: IncomingMessage, path: string, body: Buffer) => Promise<HttpResponse> | undefined;

/** A request that was answered. Its query and body are no part of it, because they may contain a ticket. */
export interface AnsweredRequest {
  readonly method: string;
  /** The path, of printable characters only: a terminal may interpret others as commands. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly status: number;
  readonly milliseconds: number;
}

/** The parts that answer the requests of an API. */
export interface Backend {
  readonly routes: readonly RouteDefinition[];
  readonly invoke: (functionName: string, event: unknown) => Promise<unknown>;
  /** The functions' time in epoch milliseconds. */
  readonly now: () => number;
  readonly answerLocally: AnswerLocally;
  readonly onRequest: (answered: AnsweredRequest) => void;
}

export interface HttpApi extends LocalServer {
  /** From now on the backend answers; until then each response is 503. */
  serve(backend: Backend): void;
}

/** Reads a body to its end, so that the client receives the response; undefined when it is larger than the quota. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= MAX_BODY_IN_BYTES) chunks.push(chunk);
  }
  return length <= MAX_BODY_IN_BYTES ? Buffer.concat(chunks) : undefined;
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

type Answer = (request: IncomingMessage, requestId: string) => Promise<HttpResponse>;

function answerer({ routes, invoke, now, answerLocally }: Backend): Answer {
  const route = router(routes);
  const invokeAuthorized = authorizing(routes, invoke);
  return async (request, requestId) => {
    const body = await readBody(request);
    const { path } = splitTarget(request.url ?? '/');
    if (headerBytes(request) > MAX_HEADERS_IN_BYTES) return gatewayResponse(431, 'Request Header Fields Too Large');
    if (!body) return gatewayResponse(413, 'Request Entity Too Large');
    if (!isDecodable(path)) return gatewayResponse(400, 'Bad Request');
    const answered = answerLocally(request, path, body);
    if (answered) return answered;
    const match = route(request.method ?? 'GET', path);
    if (!match) return gatewayResponse(404, 'Not Found');
    try {
      const event = eventFrom(request, { match, body, requestId, now: now() });
      const response = responseFrom(await invokeAuthorized(match.route.functionName, event));
      // A page computes the rest of a session by this header, so it has the functions' time.
      return { ...response, headers: { date: new Date(now()).toUTCString(), ...response.headers } };
    } catch {
      return gatewayResponse(500, 'Internal Server Error');
    }
  };
}

/** These answers have no content, and a Content-Length would be that of another answer (RFC 9110 section 8.6). */
function hasContent({ req }: ServerResponse, status: number): boolean {
  return req.method !== 'HEAD' && status !== 204 && status !== 304;
}

function send(response: ServerResponse, { status, headers, body }: HttpResponse, requestId: string): void {
  const length = hasContent(response, status) && { 'content-length': body.length };
  response.writeHead(status, { ...headers, ...length, 'apigw-requestid': requestId });
  response.end(body);
}

function printablePath(request: IncomingMessage): string {
  return splitTarget(request.url ?? '').path.replace(/[^\x21-\x7e]/g, '?');
}

/**
 * Listens as an HTTP API on 127.0.0.1, where port 0 picks a free one. The backend follows later, so that a port that is taken
 * is reported before anything else starts.
 *
 * @throws StartError when the port is taken or not allowed
 */
export async function openHttpApi(port: number): Promise<HttpApi> {
  let backend: { readonly answer: Answer; readonly onRequest: Backend['onRequest'] } | undefined;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const started = performance.now();
    if (!backend) return send(response, gatewayResponse(503, 'Service Unavailable'), requestId);
    const answer = await backend.answer(request, requestId);
    send(response, answer, requestId);
    backend.onRequest({
      method: request.method ?? 'GET',
      path: printablePath(request),
      headers: request.headers,
      status: answer.status,
      milliseconds: Math.round(performance.now() - started),
    });
  }

  // Above the quota, so that the answerer refuses such a request as API Gateway does.
  const server = createServer({ maxHeaderSize: 8 * MAX_HEADERS_IN_BYTES }, (request, response) => {
    // Rejects when the client has closed the connection, or a function's header cannot be sent.
    respond(request, response).catch(() => {
      if (response.headersSent || response.destroyed) response.destroy();
      else send(response, gatewayResponse(500, 'Internal Server Error'), randomUUID());
    });
  });
  const listening = await listenLocally(server, port);
  return {
    ...listening,
    serve: (given) => {
      backend = { answer: answerer(given), onRequest: given.onRequest };
    },
  };
}
