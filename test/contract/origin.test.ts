import { describe, expect, inject, test } from 'vitest';
import { routes } from '../../functions/routes.ts';
import { Browser } from '../support/browser.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import { call } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { itemsWith } from '../support/scan.ts';
import { storedItem } from '../support/stored.ts';

const { allowedOrigin, environment, secretKey } = inject('stack');
const ownOrigin = new URL(environment.FRONTEND_API_URL ?? '').origin;
const browserOperations = routes.filter(({ audience }) => audience === 'frontend');

const cors = {
  vary: 'Origin',
  'access-control-allow-origin': allowedOrigin,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers':
    'Authorization, Clerk-Db-Jwt, Retry-After, X-Country, Clerk-Trace-Id, Date, Impersonation-Reason',
};

function corsOf(headers: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name === 'vary' || name.startsWith('access-control-')),
  );
}

describe('every Frontend API operation refuses a foreign origin before anything else', () => {
  test.each(browserOperations)(
    'every Frontend API operation refuses a foreign origin before anything else: $method $path',
    async ({ method, path }) => {
      const headers = { origin: 'https://evil.example', 'clerk-api-version': 'nonsense' };

      const answer = await call({ method, path: path.replace('{session_id}', 'x'), headers });

      expect(outcome(answer)).toEqual(refusal(400, 'origin_invalid'));
      expect(corsOf(answer.headers)).toEqual({ vary: 'Origin' });
      expect(answer.cookies).toEqual([]);
    },
  );
});

describe('an origin is compared whole', () => {
  const { port } = new URL(allowedOrigin);

  test.each([
    'null',
    'NULL',
    allowedOrigin.toUpperCase(),
    `${allowedOrigin}/`,
    `${allowedOrigin}.evil.example`,
    `${allowedOrigin}0`,
    allowedOrigin.replace(`:${port}`, ''),
    allowedOrigin.replace('http:', 'https:'),
    allowedOrigin.replace('http://', 'http://evil.'),
    allowedOrigin.replace('http://', 'http://user@'),
    allowedOrigin.replace('127.0.0.1', 'localhost'),
    'file://',
    '*',
    ' ',
  ])('an origin is compared whole: "%s" is foreign', async (origin) => {
    const { ticket, id } = await aPendingActorToken();

    const answer = await new Browser().redeem(ticket, { origin });

    expect(outcome(answer)).toEqual(refusal(400, 'origin_invalid'));
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
    expect(await itemsWith('SESSIONS', { actor_token_id: id })).toEqual([]);
  });

  test.each([`${allowedOrigin},${allowedOrigin}`, `${allowedOrigin}, https://evil.example`, `null,${allowedOrigin}`])(
    'several origins are refused: "%s"',
    async (origin) => {
      const answer = await new Browser().get('/v1/client', { origin });

      expect(outcome(answer)).toEqual(refusal(400, 'multiple_origin_header_values_forbidden'));
      expect(corsOf(answer.headers)).toEqual({ vary: 'Origin' });
    },
  );

  test.each([allowedOrigin, ownOrigin])('the origin %s may call', async (origin) => {
    const { ticket } = await aPendingActorToken();

    const answer = await new Browser().redeem(ticket, { origin });

    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': origin });
  });
});

describe('a request without Origin', () => {
  test('a request without Origin may come from a server', async () => {
    const { ticket } = await aPendingActorToken();

    const answer = await new Browser().redeem(ticket);

    expect(answer.status).toBe(200);
    expect(corsOf(answer.headers)).toEqual({ vary: 'Origin' });
  });

  test('a request without Origin is refused when it comes from a foreign page', async () => {
    const { ticket, id } = await aPendingActorToken();

    const answer = await new Browser().redeem(ticket, { 'sec-fetch-site': 'cross-site' });

    expect(outcome(answer)).toEqual(refusal(400, 'origin_invalid'));
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
  });

  test.each(['same-origin', 'same-site', 'none'])(
    'a request without Origin may come from a page that is %s',
    async (site) => {
      const { ticket } = await aPendingActorToken();

      const answer = await new Browser().redeem(ticket, { 'sec-fetch-site': site });

      expect(answer.status).toBe(200);
    },
  );

  test('a request without Origin may read from anywhere', async () => {
    const answer = await new Browser().get('/v1/client', { 'sec-fetch-site': 'cross-site' });

    expect(answer.status).toBe(200);
  });
});

describe('Origin and Authorization', () => {
  test('Origin and Authorization together are refused', async () => {
    const { browser } = await aSignedInBrowser();
    const headers = { origin: allowedOrigin, authorization: `Bearer ${secretKey}` };

    const answer = await browser.get('/v1/client', headers);

    expect(outcome(answer)).toEqual(refusal(400, 'origin_authorization_headers_conflict'));
    expect(corsOf(answer.headers)).toEqual(cors);
  });

  test('an empty Authorization header may come with an Origin', async () => {
    const answer = await new Browser().get('/v1/client', { origin: allowedOrigin, authorization: '' });

    expect(answer.status).toBe(200);
  });
});

describe('the page of an allowed origin may read', () => {
  test('the page of an allowed origin may read answers', async () => {
    const answer = await new Browser().get('/v1/client', { origin: allowedOrigin });

    expect(answer.status).toBe(200);
    expect(corsOf(answer.headers)).toEqual(cors);
  });

  test.each([
    ['POST', '/v1/client/sign_ins', 422],
    ['POST', '/v1/client/sessions/x/touch', 401],
    ['POST', '/v1/client/sessions/x/tokens/hasura', 404],
    ['GET', '/v1/waitlist', 404],
    ['PATCH', '/v1/client', 405],
  ])('the page of an allowed origin may read refusals: %s %s', async (method, path, status) => {
    const answer = await call({ method, path, headers: { origin: allowedOrigin } });

    expect(answer.status).toBe(status);
    expect(corsOf(answer.headers)).toEqual(cors);
  });
});

describe('a preflight', () => {
  test.each(browserOperations)('a preflight is answered for $path', async ({ path, method }) => {
    const headers = { origin: allowedOrigin, 'access-control-request-method': method };

    const answer = await call({ method: 'OPTIONS', path: path.replace('{session_id}', 'x'), headers });

    expect(answer).toMatchObject({ status: 204, text: '', cookies: [] });
    expect(answer.headers).not.toHaveProperty('content-type');
    expect(corsOf(answer.headers)).toEqual({
      ...cors,
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
      'access-control-allow-headers': expect.stringContaining(
        'authorization, content-type, x-mobile, x-expo-sdk-version',
      ),
      'access-control-max-age': '7200',
    });
  });

  test.each([
    'traceparent',
    'tracestate',
    'baggage',
    'sentry-trace',
    'b3',
    'x-b3-traceid',
    'newrelic',
    'x-datadog-trace-id',
  ])('a preflight allows the tracing header %s, which monitoring adds to the requests of clerk-js', async (name) => {
    const headers = { origin: allowedOrigin, 'access-control-request-method': 'POST' };

    const answer = await call({ method: 'OPTIONS', path: '/v1/client/sign_ins', headers });

    expect(answer.headers['access-control-allow-headers']?.split(', ')).toContain(name);
  });

  test.each(['/.well-known/jwks.json', '/.well-known/openid-configuration', '/v1/openapi.json', '/v1/health'])(
    'a preflight allows pages of any origin to read %s, with any header and without cookies',
    async (path) => {
      const answers = [
        await call({ method: 'OPTIONS', path, headers: { origin: 'https://anywhere.example' } }),
        await call({ method: 'OPTIONS', path, headers: { origin: allowedOrigin } }),
      ];

      for (const answer of answers) {
        expect(answer).toMatchObject({ status: 204, text: '', cookies: [] });
        expect(corsOf(answer.headers)).toEqual({
          'access-control-allow-origin': '*',
          'access-control-allow-methods': 'GET, HEAD, OPTIONS',
          'access-control-allow-headers': '*',
          'access-control-max-age': '7200',
        });
      }
    },
  );

  test('a preflight allows nothing on the page of a link, which is for people', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };

    const answer = await call({ method: 'OPTIONS', path: '/v1/tickets/accept', headers });

    expect(outcome(answer)).toEqual(refusal(405, 'method_not_allowed'));
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('a preflight allows nothing to a foreign origin', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };

    const answer = await call({ method: 'OPTIONS', path: '/v1/client/sign_ins', headers });

    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  test('a preflight allows nothing on the Backend API, which is for servers', async () => {
    const headers = { origin: allowedOrigin, 'access-control-request-method': 'POST' };

    const answer = await call({ method: 'OPTIONS', path: '/v1/actor_tokens', headers });

    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });
});
