// Calls the handlers inside the test's own process, by the events API Gateway would make of a request: the clock can be
// moved with vi.setSystemTime, and hundreds of calls can be under way at once.
import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { expect, inject } from 'vitest';
import { handler as backendSessions } from '../../functions/backend-sessions.ts';
import { handler as browserSessions } from '../../functions/browser-sessions.ts';
import { handler as createActorToken } from '../../functions/create-actor-token.ts';
import { handler as createSignIn } from '../../functions/create-sign-in.ts';
import { handler as staticHandler } from '../../functions/fallback.ts';
import { handler as revokeActorToken } from '../../functions/revoke-actor-token.ts';
import { handler as revokeSession } from '../../functions/revoke-session.ts';
import { defaultLambda, httpRoutes, type LambdaName } from '../../functions/routes.ts';
import { handler as publicHandler } from '../../functions/tickets.ts';
import { handler as users } from '../../functions/users.ts';
import { router } from '../../local/aws/http-api/routes.ts';
import { limits } from '../../shared/base/limits.ts';
import type { HttpHandler } from '../../shared/http/operation.ts';
import { undocumented } from './documented.ts';
import { rememberSecrets } from './secrets.ts';

const handlers: Readonly<Record<LambdaName, HttpHandler>> = {
  'backend-sessions': backendSessions,
  'browser-sessions': browserSessions,
  'create-actor-token': createActorToken,
  'create-sign-in': createSignIn,
  tickets: publicHandler,
  'revoke-actor-token': revokeActorToken,
  'revoke-session': revokeSession,
  fallback: staticHandler,
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

/** Lambda's context of an invocation that has this long to run; as long as a deployed function unless given. */
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

/** Sends one request to its handler. Fails the test when the published document does not describe the answer. */
export async function call(request: TestRequest, context = contextOf()): Promise<TestAnswer> {
  const event = eventOf(request);
  const result = await handlers[lambdaOf.get(event.routeKey) ?? defaultLambda](event, context);
  const text = result.body ?? '';
  const answer: TestAnswer = {
    status: result.statusCode ?? 0,
    headers: Object.fromEntries(Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)])),
    cookies: result.cookies ?? [],
    text,
    json: result.headers?.['content-type'] === 'application/json' ? JSON.parse(text) : undefined,
  };
  rememberSecrets([text, ...answer.cookies, ...Object.values(answer.headers)]);
  expect(undocumented(event, answer), `${event.routeKey} answers what the document does not say`).toEqual([]);
  return answer;
}

/** A call of the customer's server, with the seeded secret key unless told. */
export async function callBackend(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<TestAnswer> {
  const authorization = `Bearer ${inject('stack').secretKey}`;
  const json = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  return call({ method, path, headers: { authorization, 'content-type': 'application/json', ...headers }, ...json });
}
