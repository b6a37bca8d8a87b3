// Errors that many operations answer for the same reason, asked of every operation that lists them.
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { codesOf } from '../../cdk/openapi/responses.ts';
import { defaultLambda, routes } from '../../functions/routes.ts';
import { type LocalServer, listenLocally } from '../../local/aws/server.ts';
import type { ErrorCode } from '../../shared/base/errors.ts';
import { type Instance, instanceFrom } from '../../shared/base/instance.ts';
import { limits } from '../../shared/base/limits.ts';
import { pathToNobody } from '../support/every-operation.ts';
import { plantedCookie } from '../support/given.ts';
import { type Api, call, startApi, type TestAnswer, type TestRequest, testInstance } from '../support/http.ts';

type ListedRoute = (typeof routes)[number];

const { secretKey, allowedOrigin, environment } = inject('stack');
const ownOrigin = new URL(environment.FRONTEND_API_URL ?? '').origin;
const authorization = `Bearer ${secretKey}`;
const mediaTypes = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;

/** Text with the form of a ticket, so that the keys which verify tickets are fetched. */
const forgedTicket = `${Buffer.from('{"alg":"RS256","typ":"JWT"}').toString('base64url')}.e30.${'A'.repeat(342)}`;

const queries: { readonly [Operation in ListedRoute['operation']]?: string } = {
  Handshake: `redirect_url=${encodeURIComponent(allowedOrigin)}`,
  ShowAcceptPage: `ticket=${forgedTicket}`,
};

/** Headers without which an operation refuses every request. */
const ownHeaders: { readonly [Operation in ListedRoute['operation']]?: Readonly<Record<string, string>> } = {
  AcceptTicket: { origin: ownOrigin },
};

/** A request that the operation accepts as far as it can without knowing what is stored. */
function requestOf(route: ListedRoute, query = queries[route.operation] ?? ''): TestRequest {
  const path = pathToNobody(route.path);
  const isForm = route.form !== undefined;
  return {
    method: route.method,
    path: query === '' ? path : `${path}?${query}`,
    headers: {
      ...(route.audience === 'backend' && { authorization }),
      ...(route.json && { 'content-type': mediaTypes.json }),
      ...(isForm && { 'content-type': mediaTypes.form }),
      ...ownHeaders[route.operation],
    },
    ...(route.audience === 'frontend' && { cookies: [plantedCookie] }),
    ...(route.json && { body: '{}' }),
    ...(isForm && { body: `strategy=ticket&ticket=${forgedTicket}` }),
  };
}

function codeOf({ status, json }: TestAnswer): string | number {
  return json?.errors?.[0].code ?? status;
}

function routesWith(code: ErrorCode): readonly ListedRoute[] {
  return routes.filter((route) => codesOf(route).includes(code));
}

const backend = routes.filter(({ audience }) => audience === 'backend');
const frontend = routes.filter(({ audience }) => audience === 'frontend');
const versioned = routes.filter(({ audience }) => audience !== 'public');
const ofKnownClients = routesWith('signed_out');
/** An operation that ends a session does so for each cookie that proves one (several-cookies.test.ts). */
const endsSession = new Set(['DeleteClient', 'RemoveClientSessions', 'EndSession', 'RemoveSession']);
const usesOfSession = ofKnownClients.filter(({ operation }) => !endsSession.has(operation));
const withoutNativeClients = startApi(testInstance({ NATIVE_CLIENTS: 'false' }));
const withBody = routes.filter(({ json, form }) => json ?? form);

/** The request with other headers; undefined removes one. */
function withHeaders(request: TestRequest, headers: Readonly<Record<string, string | undefined>>): TestRequest {
  const all = Object.entries({ ...request.headers, ...headers });
  return {
    ...request,
    headers: Object.fromEntries(all.filter((each): each is [string, string] => each[1] !== undefined)),
  };
}

// A request without a secret key, and one whose key lacks the scope: secret-key.test.ts.
describe('every operation for servers refuses', () => {
  test.each(backend)('$operation with another form of Authorization', async (route) => {
    const answer = await call(withHeaders(requestOf(route), { authorization: 'Basic eDp5' }));

    expect(codeOf(answer)).toBe('authorization_header_format_invalid');
  });

  test.each(backend)('$operation with an unknown secret key', async (route) => {
    const unknown = `Bearer sk_live_${'0'.repeat(43)}`;

    expect(codeOf(await call(withHeaders(requestOf(route), { authorization: unknown })))).toBe('clerk_key_invalid');
  });
});

describe('every operation for browsers refuses', () => {
  test.each(frontend)('$operation from an origin that is not allowed', async (route) => {
    const answer = await call(withHeaders(requestOf(route), { origin: 'https://evil.example' }));

    expect(codeOf(answer)).toBe('origin_invalid');
  });

  test.each(frontend)('$operation with two origins', async (route) => {
    const answer = await call(withHeaders(requestOf(route), { origin: `${allowedOrigin},${allowedOrigin}` }));

    expect(codeOf(answer)).toBe('multiple_origin_header_values_forbidden');
  });

  test.each(frontend)('$operation with an origin and Authorization', async (route) => {
    const answer = await call(withHeaders(requestOf(route), { origin: allowedOrigin, authorization: 'x' }));

    expect(codeOf(answer)).toBe('origin_authorization_headers_conflict');
  });

  test.each(frontend)('$operation of a native application with two Authorization values', async (route) => {
    const native = requestOf(route, ['_is_native=1', queries[route.operation] ?? ''].join('&'));

    const answer = await call(withHeaders(native, { authorization: 'a, b' }));

    expect(codeOf(answer)).toBe('multiple_authorization_header_values_forbidden');
  });

  const needsClient = ofKnownClients.filter(({ isForUnknownClients }) => !isForUnknownClients);
  test.each(needsClient)('$operation without a cookie', async (route) => {
    expect(codeOf(await call({ ...requestOf(route), cookies: [] }))).toBe('signed_out');
  });

  test.each(frontend)('$operation of a native application where none are allowed', async (route) => {
    const native = requestOf(route, ['_is_native=1', queries[route.operation] ?? ''].join('&'));

    expect(codeOf(await withoutNativeClients.call(native))).toBe('native_api_disabled');
  });

  test.each(usesOfSession)('$operation with two client cookies', async (route) => {
    const cookies = [plantedCookie, plantedCookie.replace('client_0', 'client_1')];

    expect(codeOf(await call({ ...requestOf(route), cookies }))).toBe('authentication_invalid');
  });
});

test.each(versioned)('$operation refuses an API version that is no date', async (route) => {
  const answer = await call(withHeaders(requestOf(route), { 'clerk-api-version': 'latest' }));

  expect(codeOf(answer)).toBe('api_version_invalid');
});

describe('every operation with a body refuses', () => {
  test.each(withBody)('$operation with a body that is too large', async (route) => {
    const answer = await call({ ...requestOf(route), body: 'x'.repeat(limits.bodyBytes + 1) });

    expect(codeOf(answer)).toBe('request_body_too_large');
  });

  test.each(withBody)('$operation with a body of another type', async (route) => {
    const answer = await call(withHeaders(requestOf(route), { 'content-type': 'text/plain' }));

    expect(codeOf(answer)).toBe('unsupported_content_type');
  });

  test.each(withBody)('$operation with a body that is not UTF-8', async (route) => {
    const answer = await call({ ...requestOf(route), body: Buffer.from([0x7b, 0xff]) });

    expect(codeOf(answer)).toBe('request_body_invalid');
  });
});

/** An instance of which the first request finds a setting that cannot be read. */
function brokenInstance(): Instance {
  let isBroken = true;
  return {
    ...testInstance(),
    get originSecretHashes() {
      if (!isBroken) return [];
      isBroken = false;
      throw new Error('unforeseen');
    },
  };
}

test.each(routes)('$operation answers an unforeseen failure in the published form', async (route) => {
  const answer = await startApi(brokenInstance()).call(requestOf(route));

  expect([answer.status, codeOf(answer)]).toEqual([500, 'internal_clerk_error']);
});

describe('every operation that calls AWS', () => {
  const ofAws = routes.filter(({ lambda }) => lambda !== defaultLambda);
  let refusal = { status: 400, type: '' };
  const server = createServer((_request, response) => {
    response.writeHead(refusal.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type: refusal.type, message: 'refused' }));
  });
  let aws: LocalServer;

  beforeAll(async () => {
    aws = await listenLocally(server, 0);
  });

  afterAll(() => aws.stop());

  /** The API of an instance that has just started, whose AWS refuses every call. */
  function startRefusedApi(): Api {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const endpoints = { dynamodb: aws.endpoint, kms: aws.endpoint };
    return startApi(
      instanceFrom(inject('stack').environment, { aws: { region: 'us-east-1', credentials, endpoints } }),
    );
  }

  async function codesWhenRefused(): Promise<Readonly<Record<string, string | number>>> {
    const { call: callRefused } = startRefusedApi();
    const answers = ofAws.map(async (route) => [route.operation, codeOf(await callRefused(requestOf(route)))] as const);
    return Object.fromEntries(await Promise.all(answers));
  }

  const all = (code: ErrorCode) => Object.fromEntries(ofAws.map(({ operation }) => [operation, code]));

  test('answers too_many_requests while AWS throttles', async () => {
    refusal = { status: 400, type: 'ThrottlingException' };

    expect(await codesWhenRefused()).toEqual(all('too_many_requests'));
  });

  test('answers service_unavailable while AWS fails', async () => {
    refusal = { status: 500, type: 'InternalServerError' };

    expect(await codesWhenRefused()).toEqual(all('service_unavailable'));
  });
});
