// With CloudFront in front, requests to the API's own host are refused, and only CloudFront's header names the caller's address.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { routes } from '../../functions/routes.ts';
import { type LocalServer, listenLocally } from '../../local/aws/server.ts';
import { type Instance, instanceFrom } from '../../shared/base/instance.ts';
import { httpRequest } from '../../shared/http/request.ts';
import { type Api, eventOf, startApi, testInstance } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';

const secret = 'the-secret-in-use-0123456789abcdef';
const nextSecret = 'the-next-secret-0123456789abcdef';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const { secretKey } = inject('stack');

// Counts the functions' requests to AWS, and answers none of them.
let calls = 0;
const server = createServer((_request, response) => {
  calls += 1;
  response.writeHead(400).end('{}');
});
let aws: LocalServer;
let api: Api;
let instance: Instance;

/** An instance like the shared one, whose calls to AWS all reach this server. */
function countedInstance(variables: Readonly<Record<string, string>>): Instance {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const endpoints = { dynamodb: aws.endpoint, kms: aws.endpoint };
  return instanceFrom(
    { ...inject('stack').environment, ...variables },
    { aws: { region: 'us-east-1', credentials, endpoints } },
  );
}

beforeAll(async () => {
  aws = await listenLocally(server, 0);
  instance = countedInstance({ ORIGIN_SECRET_HASHES: `${sha256(secret)},${sha256(nextSecret)}` });
  api = startApi(instance);
});

afterAll(async () => {
  written.mockRestore();
  await aws.stop();
});

const written = vi.spyOn(process.stdout, 'write');

beforeEach(() => {
  calls = 0;
  written.mockClear();
});

/** Returns the one line that the last request logged. */
function loggedLine() {
  const lines = written.mock.calls.map(([line]) => JSON.parse(String(line)));
  expect(lines).toHaveLength(1);
  return lines[0];
}

const authorization = `Bearer ${secretKey}`;
const wrong: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['no secret', {}],
  ['an empty one', { 'x-origin-secret': '' }],
  ['another one', { 'x-origin-secret': `${secret}x` }],
  ['two at once', { 'x-origin-secret': `${secret},${nextSecret}` }],
  ['the hash that the functions are told', { 'x-origin-secret': sha256(secret) }],
];

describe('a request that did not come through CloudFront is refused before anything else', () => {
  test.each(routes)(
    'a request that did not come through CloudFront is refused before anything else: $method $path',
    async ({ method, path }) => {
      const headers = { authorization, 'clerk-api-version': 'nonsense' };

      const answer = await api.call({ method, path: path.replace(/\{[^}]+\}/g, 'x'), headers });

      expect(outcome(answer)).toEqual(refusal(403, 'authorization_invalid'));
      expect(calls).toBe(0);
      expect(loggedLine()).toMatchObject({ Refused: 1, code: 'authorization_invalid' });
      expect(loggedLine()).not.toHaveProperty('source_ip');
    },
  );

  test.each([
    ['a path that is none', { path: '/nowhere' }],
    ['a preflight', { method: 'OPTIONS', path: '/v1/client' }],
    ['a post that stands for another method', { method: 'POST', path: '/v1/client/sessions?_method=DELETE' }],
  ])('a request that did not come through CloudFront is refused before anything else: %s', async (_, asked) => {
    const answer = await api.call(asked);

    expect(outcome(answer)).toEqual(refusal(403, 'authorization_invalid'));
    expect(loggedLine()).toMatchObject({ Refused: 1, code: 'authorization_invalid' });
  });

  test.each(wrong)('a request that did not come through CloudFront is refused with %s', async (_, headers) => {
    const answer = await api.call({ path: '/v1/users', headers: { authorization, ...headers } });

    expect(outcome(answer)).toEqual(refusal(403, 'authorization_invalid'));
    expect(calls).toBe(0);
  });
});

test.each([secret, nextSecret])('a request with any of the secrets in use is answered', async (presented) => {
  const health = await api.call({ path: '/v1/health', headers: { 'x-origin-secret': presented } });
  await api.call({ path: '/v1/users', headers: { authorization, 'x-origin-secret': presented } });

  expect(health.status).toBe(200);
  expect(calls).toBeGreaterThan(0);
});

describe('the address of the caller, in the record and in the log', () => {
  const behindCloudFront = startApi(testInstance({ ORIGIN_SECRET_HASHES: sha256(secret) }));

  /** The address as the record has it, after a check that the log line of a proved caller has the same. */
  const sourceIpWith = async (headers: Readonly<Record<string, string>>): Promise<string> => {
    const { sourceIp } = httpRequest(eventOf({ path: '/v1/jwks', headers }), instance).caller;
    const { status } = await behindCloudFront.callBackend('GET', '/v1/jwks', undefined, headers);
    if (status === 200) expect(loggedLine().source_ip).toBe(sourceIp);
    else expect(loggedLine()).not.toHaveProperty('source_ip');
    return sourceIp;
  };

  test.each(['203.0.113.7', '2001:db8::7'])(
    'the recorded address of the caller is what CloudFront reports: %s',
    async (address) => {
      expect(await sourceIpWith({ 'x-origin-secret': secret, 'x-viewer-address': address })).toBe(address);
    },
  );

  test.each(wrong)('the recorded address is not taken from a header that comes with %s', async (_, headers) => {
    expect(await sourceIpWith({ ...headers, 'x-viewer-address': '203.0.113.7' })).toBe('192.0.2.1');
  });

  test.each(['x-forwarded-for', 'forwarded', 'cloudfront-viewer-address', 'x-real-ip'])(
    'the recorded address is never that of %s',
    async (name) => {
      expect(await sourceIpWith({ 'x-origin-secret': secret, [name]: '203.0.113.7' })).toBe('192.0.2.1');
    },
  );
});

test('without CloudFront, no request is refused and no header is accepted as the address', async () => {
  const plain = countedInstance({});
  const headers = { 'x-origin-secret': secret, 'x-viewer-address': '203.0.113.7' };

  const { caller } = httpRequest(eventOf({ path: '/v1/client', headers }), plain);

  expect(caller.sourceIp).toBe('192.0.2.1');
  expect((await startApi(testInstance()).callBackend('GET', '/v1/jwks', undefined, headers)).status).toBe(200);
  expect(loggedLine().source_ip).toBe('192.0.2.1');
});
