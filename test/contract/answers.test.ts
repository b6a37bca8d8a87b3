import { describe, expect, inject, test, vi } from 'vitest';
import { routes } from '../../functions/routes.ts';
import { metrics } from '../../shared/base/metrics.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { call, callBackend, type TestAnswer } from '../support/http.ts';
import { LOGGED_NAMES } from '../support/logged-names.ts';

const { secretKey } = inject('stack');
const authorization = `Bearer ${secretKey}`;

const safe = {
  'content-type': 'application/json',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
};

interface Exceptions {
  readonly cacheControl?: string;
  /** The pages that may load the answer as a part of themselves. */
  readonly embeddedBy?: 'same-origin' | 'cross-origin';
}

function expectSafe({ headers }: TestAnswer, exceptions: Exceptions = {}): void {
  const { cacheControl = 'no-store', embeddedBy = 'same-origin' } = exceptions;
  expect(headers['cross-origin-resource-policy']).toBe(embeddedBy);
  expect(headers).toMatchObject({ ...safe, 'cache-control': cacheControl });
  expect(Object.keys(headers)).toEqual(Object.keys(headers).map((name) => name.toLowerCase()));
  expect(headers).not.toHaveProperty('x-powered-by');
  expect(headers).not.toHaveProperty('server');
}

const isKept = 'public, max-age=300';

/** The answers for anyone, by their path. */
const forAnyone: Readonly<Record<string, { readonly isJson: boolean; readonly cacheControl?: string }>> = {
  '/v1/health': { isJson: true },
  '/.well-known/jwks.json': { isJson: true, cacheControl: isKept },
  '/.well-known/openid-configuration': { isJson: true, cacheControl: isKept },
  '/v1/openapi.json': { isJson: true, cacheControl: isKept },
  '/v1/impersonation-banner.js': { isJson: false },
  '/npm/@clerk/clerk-js@6/dist/clerk.browser.js': { isJson: false },
};

describe('every operation answers nothing that may be kept, framed, sniffed or run', () => {
  test('no successful answer may be cached, framed, sniffed or run', async () => {
    const { ticket, id: pendingId } = await aPendingActorToken();
    const { browser, sessionId } = await aSignedInBrowser();
    const userId = await aUser();
    const session = `/v1/client/sessions/${sessionId}`;
    const { browser: other, sessionId: removedId } = await aSignedInBrowser();

    const answers = [
      await callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor: { sub: 'a' } }),
      await callBackend('POST', `/v1/actor_tokens/${pendingId}/revoke`),
      await browser.get('/v1/client'),
      await browser.get('/v1/environment'),
      await browser.get(session),
      await browser.post(`${session}/tokens`),
      await browser.post(`${session}/touch`),
      await callBackend('POST', `/v1/sessions/${sessionId}/tokens`),
      await browser.post(`${session}/end`),
      await other.post(`/v1/client/sessions/${removedId}/remove`),
      await other.send('DELETE', '/v1/client/sessions'),
      await callBackend('GET', `/v1/sessions?user_id=${userId}`),
      await callBackend('GET', `/v1/sessions/${sessionId}`),
      await callBackend('POST', `/v1/sessions/${sessionId}/revoke`),
      await callBackend('GET', '/v1/jwks'),
      await callBackend('GET', '/v1/users'),
      await callBackend('GET', '/v1/users/count'),
      await callBackend('GET', `/v1/users/${userId}`),
      await callBackend('POST', `/v1/users/${userId}/ban`),
      await callBackend('POST', `/v1/users/${userId}/unban`),
      await callBackend('DELETE', `/v1/users/${userId}`),
    ];

    expect(ticket).toBeTypeOf('string');
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    for (const answer of answers) expectSafe(answer);
  });

  test.each(Object.entries(forAnyone))(
    'what anyone may read, pages of any origin may load: %s',
    async (path, { isJson, ...rest }) => {
      const answer = await call({ path });

      if (isJson) expectSafe(answer, { ...rest, embeddedBy: 'cross-origin' });
      else expect(answer.headers['cross-origin-resource-policy']).toBe('cross-origin');
    },
  );

  test('the only answers that pages of any origin may load are those for anyone, the accept page not among them', () => {
    const paths = routes
      .filter(({ audience, isForPeople }) => audience === 'public' && !isForPeople)
      .map(({ path }) => path);
    const listed = Object.keys(forAnyone).map((path) => path.replace(/^\/npm\/.*/, '/npm/{proxy+}'));

    expect(listed.sort()).toEqual(paths.sort());
  });

  test.each(routes)(
    'no refusal may be cached, framed, sniffed or run: $method $path',
    async ({ method, path, audience }) => {
      const headers = audience === 'frontend' ? { origin: 'https://evil.example' } : {};
      const isOpen = audience === 'public' && path !== '/v1/tickets/accept';

      const answer = await call({ method: isOpen ? 'PATCH' : method, path: path.replace(/\{[^}]+\}/g, 'x'), headers });

      expect(answer.status).toBeGreaterThanOrEqual(400);
      expectSafe(answer);
    },
  );
});

describe('every refusal', () => {
  const refused = () =>
    Promise.all([
      call({ method: 'POST', path: '/v1/actor_tokens' }),
      callBackend('POST', '/v1/actor_tokens', {}),
      call({ method: 'POST', path: '/v1/client/sign_ins' }),
      call({ path: '/v1/tickets/accept' }),
      call({ path: '/nothing' }),
      call({ method: 'DELETE', path: '/v1/health' }),
    ]);

  test('every refusal has a trace id of its own, the same in body and header', async () => {
    const answers = await refused();

    const ids = answers.map(({ json }) => json.clerk_trace_id);
    expect(answers.map(({ headers }) => headers['clerk-trace-id'])).toEqual(ids);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(ids).size).toBe(answers.length);
  });

  test('every refusal has a code, two texts, no empty meta and nothing else', async () => {
    const answers = await refused();

    for (const { json } of answers) {
      expect(Object.keys(json)).toEqual(['errors', 'clerk_trace_id']);
      for (const { meta, ...error } of json.errors) {
        expect(error).toEqual({
          code: expect.stringMatching(/^[a-z_]+$/),
          message: expect.stringMatching(/./),
          long_message: expect.stringMatching(/^[A-Za-z].*\.$/s),
        });
        expect(meta === undefined || Object.keys(meta).length > 0).toBe(true);
      }
    }
  });
});

test('a log line names operation, route, ids and outcome, and no credential, no name and no query', async () => {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  const actor = { sub: 'support_7', name: 'secret-actor-name' };
  const userId = await aUser({ email_address: ['private@person.example'] });
  const created = await callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor });
  const { browser, sessionId } = await aSignedInBrowser({ user_id: userId });
  const minted = await browser.post(`/v1/client/sessions/${sessionId}/tokens?note=secret-query`);
  await browser.redeem(created.json.token);
  await browser.redeem(created.json.token);
  await call({ path: `/v1/tickets/accept?ticket=${created.json.token}` });
  await callBackend('POST', '/v1/actor_tokens', { 'secret-member': 'secret-value' });
  spy.mockRestore();

  const logged = lines.map((line) => JSON.parse(line));

  expect(logged.length).toBeGreaterThanOrEqual(8);
  for (const line of logged) {
    const { code, end_cause, _aws, ...rest } = line;
    // Whom a line names is tested in log-lines.test.ts.
    const fields = Object.entries(rest).filter(([name]) => !(name in metrics) && !(name in LOGGED_NAMES));
    expect(Object.fromEntries(fields)).toEqual({
      level: 'info',
      message: 'request',
      instance: expect.stringMatching(/^ins_[0-9A-Za-z]{27}$/),
      operation: expect.stringMatching(/^[A-Za-z]+$/),
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      request_id: expect.any(String),
      method: expect.stringMatching(/^[A-Z]+$/),
      route: expect.stringMatching(/^[A-Z]+ \//),
      status: expect.any(Number),
      duration_ms: expect.any(Number),
    });
    expect(code === undefined).toBe(line.status < 400);
  }
  const text = lines.join('');
  const secrets = [
    created.json.token,
    minted.json.jwt,
    secretKey,
    authorization,
    browser.cookie('__Host-client')?.split('.')[1],
    'secret-',
    'private@person',
  ];
  for (const secret of secrets) expect(text).not.toContain(secret);
});
