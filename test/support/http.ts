// Calls the handlers in the test's own process, with the events that API Gateway would make of a request. So a test can move the
// clock with vi.setSystemTime, and can send hundreds of requests at once.
import { randomUUID } from 'node:crypto';
import { brotliDecompressSync } from 'node:zlib';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { expect, inject } from 'vitest';
import { lambda as backendSessions } from '../../functions/backend-sessions.ts';
import { lambda as blocklist } from '../../functions/blocklist.ts';
import { lambda as browserSessions } from '../../functions/browser-sessions.ts';
import { lambda as createActorToken } from '../../functions/create-actor-token.ts';
import { lambda as createSignIn } from '../../functions/create-sign-in.ts';
import type { Lambda } from '../../functions/dispatch.ts';
import { lambda as fallback } from '../../functions/fallback.ts';
import { lambda as revokeActorToken } from '../../functions/revoke-actor-token.ts';
import { lambda as revokeSession } from '../../functions/revoke-session.ts';
import { defaultLambda, httpRoutes, type LambdaName } from '../../functions/routes.ts';
import { lambda as tickets } from '../../functions/tickets.ts';
import { lambda as users } from '../../functions/users.ts';
import { router } from '../../local/aws/http-api/routes.ts';
import type { ErrorItem } from '../../shared/base/errors.ts';
import { type Instance, instanceFrom } from '../../shared/base/instance.ts';
import { limits } from '../../shared/base/limits.ts';
import type { Authority } from '../../shared/base/operators.ts';
import type { HttpResult } from '../../shared/http/operation.ts';
import { routeOf, undocumented } from './documented.ts';
import { rememberSecrets } from './secrets.ts';
import { recordErrors } from './seen-codes.ts';

/** Lambdas by their names. */
export type Lambdas = Readonly<Record<LambdaName, Lambda>>;

const lambdas: Lambdas = {
  'backend-sessions': backendSessions,
  blocklist,
  'browser-sessions': browserSessions,
  'create-actor-token': createActorToken,
  'create-sign-in': createSignIn,
  'revoke-actor-token': revokeActorToken,
  'revoke-session': revokeSession,
  fallback,
  tickets,
  users,
};

const lambdaOf = new Map<string, LambdaName>(
  httpRoutes().map(({ method, path, lambda }) => [`${method} ${path}`, lambda]),
);
const route = router([...lambdaOf.keys(), '$default'].map((routeKey) => ({ routeKey, functionName: routeKey })));

export interface TestRequest {
  readonly method?: string;
  /** With its query string, as in a request line. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string | Buffer;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any operation; the tests state what is in it.
  readonly json: any;
}

/** Returns Lambda's context of an invocation with this time left; by default that of a deployed function. */
export function contextOf({ remainingInMs = limits.functionTimeoutInSeconds * 1000 } = {}): Context {
  return { functionName: 'test', awsRequestId: 'test', getRemainingTimeInMillis: () => remainingInMs } as Context;
}

export function eventOf({
  method = 'GET',
  path,
  headers = {},
  cookies = [],
  body,
}: TestRequest): APIGatewayProxyEventV2 {
  const [encodedPath = '/', rawQueryString = ''] = path.split('?', 2);
  const matched = route(method, encodedPath);
  const rawPath = decodeURIComponent(encodedPath);
  const http = { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' };
  const isText = typeof body === 'string' && /json|text\//.test(headers['content-type'] ?? '');
  return {
    version: '2.0',
    routeKey: matched?.route.routeKey ?? '$default',
    rawPath,
    rawQueryString,
    headers: { 'user-agent': 'test', ...headers },
    ...(cookies.length > 0 && { cookies: [...cookies] }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'test',
      domainName: '127.0.0.1',
      domainPrefix: '127',
      http,
      requestId: randomUUID(),
      routeKey: matched?.route.routeKey ?? '$default',
      stage: '$default',
      time: '',
      timeEpoch: Date.now(),
    },
    ...(matched?.pathParameters && { pathParameters: { ...matched.pathParameters } }),
    ...(body !== undefined && { body: isText ? body : Buffer.from(body).toString('base64') }),
    isBase64Encoded: body !== undefined && !isText,
  };
}

/** The content of a result, as a client reads it: decoded from base64 and from Brotli. */
function contentOf({ body = '', isBase64Encoded = false, headers = {} }: HttpResult): Buffer {
  const content = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return headers['content-encoding'] === 'br' && content.length > 0 ? brotliDecompressSync(content) : content;
}

/** The API of one instance, called in this process. */
export interface Api {
  /** Sends one request to its handler. Fails the test when the published document does not describe the answer. */
  call(request: TestRequest, context?: Context): Promise<TestAnswer>;
  /** As `call`, with an event that no request of `call` makes. */
  answerTo(event: APIGatewayProxyEventV2, context?: Context): Promise<TestAnswer>;
  /** Calls as the customer's server, with the seeded secret key by default. */
  callBackend(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<TestAnswer>;
}

/**
 * Starts the functions of an instance, with empty caches, and returns their API.
 *
 * @param weakened returns the Lambdas to start in place of the product's, for a test that shows that a fault is noticed
 */
export function startApi(instance: Instance, weakened = (own: Lambdas): Lambdas => own): Api {
  const handlers = new Map(Object.entries(weakened(lambdas)).map(([name, lambda]) => [name, lambda(instance)]));

  const answerTo: Api['answerTo'] = async (event, context = contextOf()) => {
    const handler = handlers.get(lambdaOf.get(event.routeKey) ?? defaultLambda);
    const result = (await handler?.(event, context)) ?? {};
    const text = contentOf(result).toString();
    const answer: TestAnswer = {
      status: result.statusCode ?? 0,
      headers: Object.fromEntries(Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)])),
      cookies: result.cookies ?? [],
      text,
      json: result.headers?.['content-type'] === 'application/json' && text !== '' ? JSON.parse(text) : undefined,
    };
    rememberSecrets([text, ...answer.cookies, ...Object.values(answer.headers)]);
    const errors: readonly ErrorItem[] = answer.json?.errors ?? [];
    const operation = routeOf(event)?.operation;
    if (operation) recordErrors(operation, errors);
    expect(undocumented(event, answer), `${event.routeKey} answers what the document does not say`).toEqual([]);
    return answer;
  };

  const call: Api['call'] = (request, context) => answerTo(eventOf(request), context);

  return {
    call,
    answerTo,
    callBackend: (method, path, body, headers = {}) => {
      const authorization = `Bearer ${inject('stack').secretKey}`;
      const json = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
      const all = { authorization, 'content-type': 'application/json', ...headers };
      return call({ method, path, headers: all, ...json });
    },
  };
}

/** Returns the instance that all tests share, or one with these variables in place of its own. */
export function testInstance(variables: Readonly<Record<string, string>> = {}, authority: Authority = {}): Instance {
  return instanceFrom({ ...inject('stack').environment, ...variables }, { authority });
}

let shared = startApi(testInstance());

/** Restarts the functions that the tests of this process share. Their new SDK clients read their endpoints from the environment. */
export function restartSharedApi(): void {
  shared = startApi(testInstance());
}

export const call: Api['call'] = (request, context) => shared.call(request, context);
export const answerTo: Api['answerTo'] = (event, context) => shared.answerTo(event, context);
export const callBackend: Api['callBackend'] = (...request) => shared.callBackend(...request);
