import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AnsweredRequest, type HttpApi, openHttpApi } from '../../../local/aws/http-api/http-api.ts';

const noon = 1_700_000_000_000;
const routeKeys = [
  'POST /v1/users',
  'GET /v1/users/{user_id}',
  'GET /v1/users/count',
  'GET /v1/users/{user_id}/{rest+}',
  'ANY /any',
  'GET /any',
  '$default',
];

let api: HttpApi;
let answer: unknown;
let events: { [name: string]: unknown }[];
let answered: AnsweredRequest[];

beforeAll(async () => {
  api = await openHttpApi(0);
  api.serve({
    routes: routeKeys.map((routeKey) => ({ routeKey, functionName: 'Echo' })),
    invoke: async (_name, event) => {
      events.push(event as { [name: string]: unknown });
      if (answer instanceof Error) throw answer;
      return answer;
    },
    now: () => noon,
    answerLocally: (_request, path) =>
      path.startsWith('/__local/') ? Promise.resolve({ status: 204, headers: {}, body: Buffer.alloc(0) }) : undefined,
    onRequest: (request) => answered.push(request),
  });
});

afterAll(() => api.stop());

beforeEach(() => {
  answer = { statusCode: 200, body: 'ok' };
  events = [];
  answered = [];
});

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

/** Sends exactly these bytes of path and headers, which `fetch` would normalize. */
function send({ method = 'GET', path = '/', headers = {}, body = '' }: Sent) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: api.port, method, path, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() });
    });
    sent.once('error', reject).end(body);
  });
}

async function eventOf(sent: Sent) {
  await send(sent);
  return events[0] ?? {};
}

test('an event has the members of payload format 2.0', async () => {
  const event = await eventOf({
    method: 'POST',
    path: '/v1/users?a=1',
    headers: { 'Content-Type': 'application/json', 'User-Agent': 'me', Cookie: 'a=1; b=2' },
    body: '{"x":1}',
  });

  expect(event).toEqual({
    version: '2.0',
    routeKey: 'POST /v1/users',
    rawPath: '/v1/users',
    rawQueryString: 'a=1',
    cookies: ['a=1', 'b=2'],
    headers: {
      'content-length': '7',
      'content-type': 'application/json',
      host: `127.0.0.1:${api.port}`,
      'user-agent': 'me',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': String(api.port),
      'x-forwarded-proto': 'http',
    },
    queryStringParameters: { a: '1' },
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: '127.0.0.1',
      domainPrefix: '127',
      http: { method: 'POST', path: '/v1/users', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'me' },
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      routeKey: 'POST /v1/users',
      stage: '$default',
      time: '14/Nov/2023:22:13:20 +0000',
      timeEpoch: noon,
    },
    body: '{"x":1}',
    isBase64Encoded: false,
  });
});

test.each([
  [
    'the path is decoded, the query is not',
    { path: '/v1/users/a%20b?q=%C3%A9' },
    { rawPath: '/v1/users/a b', rawQueryString: 'q=%C3%A9', queryStringParameters: { q: 'é' } },
  ],
  ['path parameters are decoded', { path: '/v1/users/a%2Fb' }, { pathParameters: { user_id: 'a/b' } }],
  [
    'a repeated query parameter is joined with commas',
    { path: '/?a=1&b=x&a=2' },
    { queryStringParameters: { a: '1,2', b: 'x' } },
  ],
  ['a query parameter without a value is empty', { path: '/?a' }, { queryStringParameters: { a: '' } }],
  ['an empty query is left out', { path: '/?' }, { rawQueryString: '' }],
  [
    'cookies of several headers are listed',
    { headers: { cookie: ['a=1; b=2', 'c=3'] } },
    { cookies: ['a=1', 'b=2', 'c=3'] },
  ],
])('%s', async (_rule, sent, expected) => {
  expect(await eventOf(sent)).toMatchObject(expected);
});

test('repeated headers are joined with commas under lower-case names, except for cookies', async () => {
  const { headers } = await eventOf({ headers: { 'X-Twice': ['a', 'b'], Cookie: 'a=1' } });

  expect(headers).toMatchObject({ 'x-twice': 'a,b' });
  expect(headers).not.toHaveProperty('cookie');
});

test('an event has no member for an absent part', async () => {
  const event = await eventOf({ path: '/' });

  for (const name of ['cookies', 'queryStringParameters', 'pathParameters', 'body'])
    expect(event).not.toHaveProperty(name);
});

test.each([
  ['application/json', false],
  ['application/json; charset=utf-8', false],
  ['Application/JSON', false],
  ['application/xml', false],
  ['application/javascript', false],
  ['text/plain', false],
  ['application/x-www-form-urlencoded', true],
  ['application/vnd.api+json', true],
  ['application/octet-stream', true],
  [undefined, true],
])('a body of type %s is base64: %s', async (type, encoded) => {
  const event = await eventOf({ method: 'POST', headers: type ? { 'Content-Type': type } : {}, body: 'a=é' });

  expect(event).toMatchObject({
    isBase64Encoded: encoded,
    body: encoded ? Buffer.from('a=é').toString('base64') : 'a=é',
  });
});

test.each([
  ['GET', '/v1/users/count', 'GET /v1/users/count'],
  ['GET', '/v1/users/user_1', 'GET /v1/users/{user_id}'],
  ['GET', '/v1/users/user_1/a/b', 'GET /v1/users/{user_id}/{rest+}'],
  ['GET', '/any', 'GET /any'],
  ['PUT', '/any', 'ANY /any'],
  ['PUT', '/v1/users', '$default'],
  ['HEAD', '/v1/users/count', '$default'],
  ['OPTIONS', '/v1/users/count', '$default'],
  ['GET', '/v1/users/', '$default'],
  ['GET', '/v1/Users/count', '$default'],
  ['GET', '/', '$default'],
])('%s %s is answered by %s', async (method, path, routeKey) => {
  expect(await eventOf({ method, path })).toMatchObject({ routeKey });
});

describe('a response', () => {
  test('a result keeps its status and headers, and each cookie has a header of its own', async () => {
    answer = {
      statusCode: 201,
      headers: { 'X-A': 'b', 'Content-Type': 'application/json' },
      cookies: ['a=1', 'b=2'],
      body: '{}',
    };

    const { status, headers, body } = await send({});

    expect({ status, body }).toEqual({ status: 201, body: '{}' });
    expect(headers).toMatchObject({
      'x-a': 'b',
      'content-type': 'application/json',
      'set-cookie': ['a=1', 'b=2'],
      'content-length': '2',
    });
  });

  test('a result in base64 is decoded', async () => {
    answer = { statusCode: 200, body: Buffer.from('é').toString('base64'), isBase64Encoded: true };

    expect((await send({})).body).toBe('é');
  });

  test.each([
    ['to HEAD', 'HEAD', 200],
    ['of the status 304', 'GET', 304],
    ['of the status 204', 'GET', 204],
  ])('an answer %s has no content, and no length of one', async (_case, method, statusCode) => {
    answer = { statusCode, headers: { etag: '"a"' }, body: method === 'HEAD' ? 'ok' : '' };

    const { status, headers, body } = await send({ method });

    expect({ status, body }).toEqual({ status: statusCode, body: '' });
    expect(headers).toMatchObject({ etag: '"a"' });
    expect(headers).not.toHaveProperty('content-length');
  });

  test('a result without a status code is sent as JSON', async () => {
    answer = { hello: 'world' };

    expect(await send({})).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"hello":"world"}',
    });
  });

  test.each([
    ['that throws', new Error('thrown')],
    ['with an invalid status', { statusCode: 'abc' }],
    ['with an invalid header', { statusCode: 200, headers: { 'x-a': 'a\nb' } }],
  ])('a function %s is answered 500 without details', async (_case, given) => {
    answer = given;

    expect(await send({})).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
  });
});

test.each([
  ['a body over 10 MB', { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) }, 413, 'Request Entity Too Large'],
  ['headers over 10,240 bytes', { headers: { 'x-long': 'x'.repeat(10_241) } }, 431, 'Request Header Fields Too Large'],
  ['a request line over 10,240 bytes', { path: `/?a=${'x'.repeat(10_240)}` }, 431, 'Request Header Fields Too Large'],
  ['a path that cannot be decoded', { path: '/%zz' }, 400, 'Bad Request'],
])('%s does not reach a function', async (_case, sent, status, message) => {
  expect(await send(sent)).toMatchObject({ status, body: JSON.stringify({ message }) });
  expect(events).toEqual([]);
});

test('a request that is answered locally does not reach a function', async () => {
  expect(await send({ path: '/__local/clock' })).toMatchObject({ status: 204 });
  expect(events).toEqual([]);
  expect(await send({ path: '/__locally' })).toMatchObject({ status: 200 });
  expect(events).toHaveLength(1);
});

test('a body of 10 MB reaches the function', async () => {
  expect(await send({ method: 'POST', body: Buffer.alloc(10 * 1024 * 1024) })).toMatchObject({ status: 200 });
});

test('a request is reported with method, path, status and time, without its query', async () => {
  await send({ path: '/v1/tickets/accept?ticket=secret' });

  const milliseconds = expect.any(Number);
  expect(answered).toMatchObject([{ method: 'GET', path: '/v1/tickets/accept', status: 200, milliseconds }]);
  expect(JSON.stringify(answered)).not.toContain('ticket=');
});

test('an unknown path without a $default route is 404', async () => {
  const bare = await openHttpApi(0);
  expect((await fetch(bare.endpoint)).status).toBe(503);
  bare.serve({
    routes: [],
    invoke: async () => null,
    now: () => noon,
    answerLocally: () => undefined,
    onRequest: () => undefined,
  });

  const response = await fetch(bare.endpoint);
  await bare.stop();

  expect([response.status, await response.text()]).toEqual([404, '{"message":"Not Found"}']);
});

test('a taken port is named in the error', async () => {
  await expect(openHttpApi(api.port)).rejects.toMatchObject({
    name: 'PortTaken',
    message: `Port ${api.port} is taken: stop the process that listens there.`,
  });
});
