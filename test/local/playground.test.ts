import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpRoutes } from '../../functions/routes.ts';
import type { Local } from '../../local/product-stack.ts';
import { type Echo, tinyRun } from './tiny-run.ts';

const run = promisify(execFile);
const allowedOrigin = 'http://app.test';
const pagesFolder = fileURLToPath(new URL('../../local/playground/pages/', import.meta.url));

let local: Local;
let baseUrl: string;

beforeAll(async () => {
  local = await tinyRun({ allowedOrigin });
  baseUrl = local.instance.baseUrl;
});

afterAll(() => local.stop());

const get = (path: string) => fetch(baseUrl + path);

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const listUsers = JSON.stringify({ operation: 'ListUsers' });

function send({ method = 'POST', headers = {}, body = listUsers }: Sent = {}) {
  const own = { origin: baseUrl, 'content-type': 'application/json' };
  const sent = method === 'GET' ? {} : { body };
  return fetch(`${baseUrl}/__local/playground/backend`, { method, headers: { ...own, ...headers }, ...sent });
}

describe('the pages', () => {
  test.each([
    ['/', 'Actor Tokens playground', "frame-ancestors 'none'"],
    ['/sign-in', 'Example app', "frame-ancestors 'self'"],
  ])('the page %s has a policy that allows nothing of another origin', async (path, title, framing) => {
    const response = await get(path);
    const policy = response.headers.get('content-security-policy') ?? '';

    expect(response.status).toBe(200);
    expect(await response.text()).toContain(`<title>${title}</title>`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain(framing);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'strict-origin',
      'x-content-type-options': 'nosniff',
    });
  });

  test.each([
    ['/__local/playground/playground.js', 'text/javascript; charset=utf-8'],
    ['/__local/playground/style.css', 'text/css; charset=utf-8'],
    ['/__local/clerk-js/clerk.browser.js', 'text/javascript; charset=utf-8'],
  ])('%s is served as %s', async (path, type) => {
    const response = await get(path);

    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect((await response.text()).length).toBeGreaterThan(100);
  });

  test.each([
    '/__local/playground/playground.ts',
    '/__local/playground/tsconfig.json',
    '/__local/playground/missing.js',
    '/__local/playground/..%2fplayground.ts',
    '/__local/clerk-js/..%2f..%2f..%2f..%2fpackage.json',
    '/__local/clerk-js/types/index.d.ts',
    '/__local/clerk-js/.js',
  ])('%s is not served', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  test('the stack has no routes for the pages', () => {
    expect(httpRoutes().map(({ path }) => path)).toEqual(expect.not.arrayContaining(['/', '/sign-in']));
  });

  test('requests for a page with another method than GET and HEAD reach the stack', async () => {
    const response = await fetch(`${baseUrl}/sign-in`, { method: 'POST' });

    expect(await response.json()).toMatchObject({ event: { rawPath: '/sign-in' } });
  });

  test('a page on another name of this machine redirects to the host of the API', async () => {
    const { port } = new URL(baseUrl);
    const headers = { host: `localhost:${port}` };

    const location = await new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: '/sign-in?a=b', headers }, (response) => {
        response.resume();
        resolve([response.statusCode, response.headers.location]);
      })
        .once('error', reject)
        .end();
    });

    expect(location).toEqual([307, `${baseUrl}/sign-in?a=b`]);
  });

  test('no page contains the secret key', async () => {
    const paths = ['/', '/sign-in', '/__local/playground/instance.json', '/__local/playground/playground.js'];
    const texts = await Promise.all(paths.map(async (path) => (await get(path)).text()));

    expect(texts.join('\n')).not.toContain(local.instance.secretKey);
    expect(texts[2]).toContain(local.instance.publishableKey);
  });

  test('the scripts of the pages have no type errors', async () => {
    const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

    await expect(run(process.execPath, [compiler, '--project', pagesFolder])).resolves.toMatchObject({ stdout: '' });
  });
});

describe('the endpoint for the Backend API', () => {
  test.each([
    ['ListUsers', {}, 'GET', '/v1/users'],
    ['CreateActorToken', { body: { user_id: 'user_1' } }, 'POST', '/v1/actor_tokens'],
    ['CreateUser', { body: { external_id: 'customer_1' } }, 'POST', '/v1/users'],
    ['RevokeActorToken', { id: 'act_1' }, 'POST', '/v1/actor_tokens/act_1/revoke'],
    ['GetSession', { id: 'sess_1' }, 'GET', '/v1/sessions/sess_1'],
    ['RevokeSession', { id: 'sess_1' }, 'POST', '/v1/sessions/sess_1/revoke'],
  ])('%s is sent with the secret key, and answered with the request', async (operation, more, method, path) => {
    const response = await send({ body: JSON.stringify({ operation, ...more }) });
    const answer = (await response.json()) as { body: Echo & { event: { headers: Record<string, string> } } };

    expect(answer).toMatchObject({ method, path, status: 200 });
    expect(answer.body.event.headers).toMatchObject({ authorization: `Bearer ${local.instance.secretKey}` });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each(['http://evil.test', 'null', allowedOrigin, 'http://localhost:3000'])(
    'the endpoint refuses pages of %s',
    async (origin) => {
      const response = await send({ headers: { origin } });

      expect(response.status).toBe(403);
      expect(await response.json()).toEqual({ message: `Only pages of ${baseUrl} may send requests here.` });
    },
  );

  test('the endpoint refuses requests without an origin', async () => {
    const response = await fetch(`${baseUrl}/__local/playground/backend`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: listUsers,
    });

    expect(response.status).toBe(403);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'text/plain; application/json', ''])(
    'the endpoint refuses a body of type "%s"',
    async (type) => {
      expect((await send({ headers: { 'content-type': type } })).status).toBe(415);
    },
  );

  test.each(['GET', 'PUT', 'OPTIONS'])('the endpoint refuses %s', async (method) => {
    const response = await send({ method });

    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test.each([
    ['text that is not JSON', 'operation=ListUsers'],
    ['an operation that is not the playground’s', JSON.stringify({ operation: 'DeleteUser', id: 'user_1' })],
    ['an id that is a path', JSON.stringify({ operation: 'GetSession', id: 'sess_1/../../users' })],
    ['an id of another noun', JSON.stringify({ operation: 'RevokeSession', id: 'user_1' })],
    ['an unknown member', JSON.stringify({ operation: 'ListUsers', path: '/v1/jwks' })],
  ])('the endpoint refuses a body with %s', async (_case, body) => {
    const response = await send({ body });

    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: expect.stringMatching(/^[A-Z].*\.$/) });
  });
});

describe('the texts', () => {
  interface Texts {
    countdown(ms: number): string;
    offsetText(seconds: number): string;
    endReason(session: object, inactivityInSeconds: number): { short: string; text: string } | undefined;
  }
  let texts: Texts;

  beforeAll(async () => {
    texts = await import(new URL('../../local/playground/pages/texts.js', import.meta.url).href);
  });

  test.each([
    [0, '0:00'],
    [-5000, '0:00'],
    [1, '0:01'],
    [600_000, '10:00'],
    [3_600_000, '1:00:00'],
    [2_592_000_000, '30 d'],
  ])('%i ms are shown as %s', (ms, text) => {
    expect(texts.countdown(ms)).toBe(text);
  });

  test.each([
    [0, 'real time'],
    [60, '+1 min'],
    [601, '+10 min 1 s'],
    [-3600, '−1 h'],
  ])('an offset of %i s is shown as %s', (seconds, text) => {
    expect(texts.offsetText(seconds)).toBe(text);
  });

  const at = Date.UTC(2026, 0, 1, 12);
  const session = { status: 'expired', last_active_at: at, expire_at: at + 900_000, updated_at: at };

  test.each([
    ['a session that nobody used for ten minutes', session, 'inactivity'],
    ['a session at its fixed end', { ...session, expire_at: at + 600_000 }, 'fixed end'],
    ['a session that the backend revoked', { ...session, status: 'revoked' }, 'revoked'],
    ['a session that its browser ended', { ...session, status: 'ended' }, 'ended'],
    ['a session that was signed out', { ...session, status: 'removed' }, 'removed'],
  ])('%s says why it has ended', (_case, ended, short) => {
    expect(texts.endReason(ended, 600)).toMatchObject({ short, text: expect.stringMatching(/^[A-Z].*\.$/) });
  });

  test('a session that is active has no reason for its end', () => {
    expect(texts.endReason({ ...session, status: 'active' }, 600)).toBeUndefined();
  });
});
