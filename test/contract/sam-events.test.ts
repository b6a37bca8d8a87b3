// `sam local start-api` creates events that differ from API Gateway's. Source: SAM's event constructor, version 1.170.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, inject, test } from 'vitest';
import { handler as browserSessions } from '../../functions/browser-sessions.ts';
import { handler as createActorToken } from '../../functions/create-actor-token.ts';
import { handler as createSignIn } from '../../functions/create-sign-in.ts';
import type { HttpHandler } from '../../shared/http/operation.ts';
import { aPendingActorToken, aUser } from '../support/given.ts';
import { contextOf } from '../support/http.ts';

const { secretKey } = inject('stack');
const FORM = 'application/x-www-form-urlencoded';

interface SamRequest {
  readonly method: string;
  /** With the names of its parameters, as in the template. */
  readonly route?: string;
  readonly path: string;
  /** With names in Title-Case, as Flask returns them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Returns an event as SAM creates it: no base64, empty members instead of absent ones, and the start of its process as time. */
function samEvent({ method, path, route = path, headers, cookies = [], pathParameters = {}, body = '' }: SamRequest) {
  const event = {
    version: '2.0',
    routeKey: `${method} ${route}`,
    rawPath: path,
    rawQueryString: '',
    cookies: [...cookies],
    headers: { Host: '127.0.0.1:3000', 'X-Forwarded-Proto': 'http', 'X-Forwarded-Port': '3000', ...headers },
    queryStringParameters: {},
    requestContext: {
      accountId: '123456789012',
      apiId: '1234567890',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'Custom User Agent String' },
      requestId: 'c0a5ee6e-0000-4000-8000-000000000000',
      routeKey: `${method} ${route}`,
      stage: '$default',
      time: '22/Nov/2026:12:00:00 +0000',
      timeEpoch: 1_795_348_800,
      domainName: 'localhost',
      domainPrefix: 'localhost',
    },
    body,
    pathParameters: { ...pathParameters },
    stageVariables: null,
    isBase64Encoded: false,
  };
  // SAM sends null for members that are absent in the types of API Gateway's events.
  return event as unknown as APIGatewayProxyEventV2;
}

async function answer(handler: HttpHandler, request: SamRequest) {
  const { statusCode, body = '', cookies = [] } = await handler(samEvent(request), contextOf());
  return { status: statusCode, json: JSON.parse(body), cookies: cookies.map((line) => line.split(';')[0] ?? '') };
}

function redeem(ticket: string) {
  const body = new URLSearchParams({ strategy: 'ticket', ticket }).toString();
  return answer(createSignIn, { method: 'POST', path: '/v1/client/sign_ins', headers: { 'Content-Type': FORM }, body });
}

test('a server that calls through SAM is recognised by its Title-Case header', async () => {
  const headers = { Authorization: `Bearer ${secretKey}`, 'Content-Type': 'application/json' };
  const body = JSON.stringify({ user_id: await aUser(), actor: { sub: 'support_1' } });

  const { status, json } = await answer(createActorToken, { method: 'POST', path: '/v1/actor_tokens', headers, body });

  expect([status, json.status]).toEqual([200, 'pending']);
});

test('a form that SAM passes on as text signs in once, as one in base64 does', async () => {
  const { ticket } = await aPendingActorToken();

  const first = await redeem(ticket);
  const second = await redeem(ticket);

  expect([first.status, first.json.response.status]).toEqual([200, 'complete']);
  expect([second.status, second.json.errors[0].code]).toEqual([400, 'actor_token_already_used_code']);
});

test("SAM's cookies and path parameters lead to the session, whose times are not SAM's", async () => {
  const { ticket } = await aPendingActorToken();
  const { json, cookies } = await redeem(ticket);
  const sessionId: string = json.response.created_session_id;
  const before = Date.now();

  const touched = await answer(browserSessions, {
    method: 'POST',
    route: '/v1/client/sessions/{session_id}/touch',
    path: `/v1/client/sessions/${sessionId}/touch`,
    headers: { 'Content-Type': FORM },
    cookies,
    pathParameters: { session_id: sessionId },
  });

  expect([touched.status, touched.json.response.id]).toEqual([200, sessionId]);
  expect(touched.json.response.last_active_at).toBeGreaterThanOrEqual(before);
});
