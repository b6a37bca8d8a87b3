import { describe, expect, inject, test } from 'vitest';
import type { Route } from '../../functions/route.ts';
import { routes } from '../../functions/routes.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import { call, callBackend } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { storedItem } from '../support/stored.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'] as const;
const authorization = `Bearer ${inject('stack').secretKey}`;

function filledPath(path: string): string {
  return path.replace(/\{[^}]+\}/g, 'x');
}

const paths = [...new Set(routes.map(({ path }) => path))];

/** The routes of a path. `/v1/users/count` is also `/v1/users/{user_id}`. */
function routesOf(path: string): readonly Route[] {
  return routes.filter((route) => route.path === path || filledPath(route.path) === path.replace('count', 'x'));
}

/** The methods that a path answers: HEAD where anyone may GET, and OPTIONS where pages may call. */
function methodsOf(path: string): readonly string[] {
  const found = routesOf(path);
  const isOpen = found.some(({ audience }) => audience === 'public');
  const isForPages = found.some(({ audience, isForPeople }) => audience !== 'backend' && !isForPeople);
  const own = found.map(({ method }) => method);
  return [...new Set([...own, ...(isOpen ? ['HEAD'] : []), ...(isForPages ? ['OPTIONS'] : [])])];
}

describe('a path that no operation has is not found, in the published shape', () => {
  test.each([
    '/',
    '/v1',
    '/v1/',
    '/v1/nothing',
    '/v2/actor_tokens',
    '/actor_tokens',
    '/V1/actor_tokens',
    '/v1/actor_tokens/',
    '/v1/actor_tokens/x',
    '/v1/actor_tokens/x/revoke/now',
    '/v1/client/sessions/',
    '/v1/client/sign_ins/',
    '/v1/sessions/x/refresh',
    '/v1/users/x/lock',
    '/npm/',
    '/.well-known',
    '/oauth/token',
    '/favicon.ico',
    '/%00',
    '/__proto__',
  ])('a path that no operation has is not found, in the published shape: %s', async (path) => {
    const answers = [await call({ path }), await call({ method: 'POST', path, headers: { authorization } })];

    expect(answers.map(outcome)).toEqual(Array(2).fill(refusal(404, 'resource_not_found')));
    expect(answers.map(({ headers }) => headers['content-type'])).toEqual(Array(2).fill('application/json'));
  });
});

describe('a method that a path does not have is refused, and those it has are named', () => {
  test.each(paths)('a method that a path does not have is refused, and those it has are named: %s', async (path) => {
    const has = methodsOf(path);
    const others = METHODS.filter((method) => !has.includes(method));

    const answers = await Promise.all(
      others.map((method) => call({ method, path: filledPath(path), headers: { authorization } })),
    );

    const refused = others.map((method) => (method === 'HEAD' ? { status: 405 } : refusal(405, 'method_not_allowed')));
    expect(answers.map(outcome)).toEqual(refused);
    const allowed = answers.map(({ headers }) => headers.allow?.split(', ').toSorted());
    expect(allowed).toEqual(others.map(() => has.toSorted()));
  });
});

describe('a path is compared as it was sent, so another slash makes it another path', () => {
  const served = routes.map(({ method, path }) => [method, filledPath(path)] as const);

  test.each(served)('a slash behind it: %s %s/', async (method, path) => {
    const answer = await call({ method, path: `${path}/`, headers: { authorization } });

    // A file of Clerk's packages has any path.
    if (!path.startsWith('/npm/')) expect(answer.headers).not.toHaveProperty('allow');
    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });

  test.each(served)('an encoded slash behind it: %s %s', async (method, path) => {
    const answer = await call({ method, path: `${path}%2F`, headers: { authorization } });

    expect([404, 401]).toContain(answer.status);
  });

  test.each(served.filter(([, path]) => path.split('/').length > 2))(
    'an encoded slash in it: %s %s',
    async (method, path) => {
      const answer = await call({ method, path: path.replace(/(?<=.)\//, '%2F'), headers: { authorization } });

      expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
    },
  );

  test('an encoded slash in an id is a part of the id', async () => {
    const answers = [
      await callBackend('GET', '/v1/users/x%2Fban'),
      await callBackend('POST', '/v1/users/x%2Fy/ban'),
      await callBackend('POST', '/v1/client%2Fsessions?_method=DELETE'),
    ];

    expect(answers.map(outcome)).toEqual(Array(3).fill(refusal(404, 'resource_not_found')));
  });

  test('a path below which anything may be is found with a line break too', async () => {
    const answer = await call({ path: '/npm/a%0Ab' });

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });
});

test('a refused method is told of POST only where the query says what it stands for', async () => {
  const allowed = async (method: string, path: string) => {
    const { headers } = await call({ method, path });
    return headers.allow?.split(', ').toSorted();
  };

  expect(await allowed('PUT', '/v1/client/sessions')).toEqual(['DELETE', 'OPTIONS']);
  expect(await allowed('POST', '/v1/client/sessions')).toEqual(['DELETE', 'OPTIONS']);
  expect(await allowed('PUT', '/v1/client/sessions?_method=DELETE')).toEqual(['DELETE', 'OPTIONS', 'POST']);
  expect(await allowed('PUT', '/v1/users/x?_method=DELETE')).not.toContain('POST');
});

describe('_method', () => {
  test.each(['DELETE', 'delete'])('_method turns a POST into %s', async (method) => {
    const { browser, sessionId } = await aSignedInBrowser();

    const answer = await browser.post(`/v1/client/sessions?_method=${method}`);

    expect(answer.status).toBe(200);
    expect((await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status).toBe('removed');
  });

  test.each(['GET', 'PUT', 'PATCH', 'HEAD'])(
    '_method turns nothing but a POST: a link never signs out (%s)',
    async (method) => {
      const { browser, sessionId } = await aSignedInBrowser();

      const answer = await browser.send(method, '/v1/client/sessions?_method=DELETE');

      expect(answer.status).toBe(405);
      expect((await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status).toBe('active');
    },
  );

  test.each(['GET', 'POST', 'OPTIONS', 'x', ''])(
    '_method turns a POST into PUT, PATCH or DELETE only: %s',
    async (method) => {
      const { browser } = await aSignedInBrowser();

      const answer = await browser.post(`/v1/client/sessions?_method=${method}`);

      expect(answer.status).toBe(405);
    },
  );

  test('_method counts in the query only, not in a header or in the form', async () => {
    const { browser, sessionId } = await aSignedInBrowser();

    const answers = [
      await browser.post('/v1/client/sessions', {}, { 'x-http-method-override': 'DELETE' }),
      await browser.post('/v1/client/sessions', { _method: 'DELETE' }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([405, 405]);
    expect((await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status).toBe('active');
  });

  test('_method with a method that the path does not have is refused', async () => {
    const { browser, sessionId } = await aSignedInBrowser();

    const answer = await browser.post(`/v1/client/sessions/${sessionId}/end?_method=DELETE`);

    expect(outcome(answer)).toEqual(refusal(405, 'method_not_allowed'));
    expect((await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status).toBe('active');
  });

  test('_method with a method that the sign-in path does not have redeems nothing', async () => {
    const { ticket, id } = await aPendingActorToken();
    const { browser } = await aSignedInBrowser();

    const answer = await browser.post('/v1/client/sign_ins?_method=DELETE', { strategy: 'ticket', ticket });

    expect(outcome(answer)).toEqual(refusal(405, 'method_not_allowed'));
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
  });

  test('_method deletes no user: the Backend API takes real methods only', async () => {
    const { userId } = await aPendingActorToken();

    const answer = await callBackend('POST', `/v1/users/${userId}?_method=DELETE`);

    expect(outcome(answer)).toEqual(refusal(405, 'method_not_allowed'));
    expect(await storedItem('USERS', { id: userId })).toBeDefined();
  });
});

test('reading methods change nothing', async () => {
  const { ticket, id } = await aPendingActorToken();

  const answers = await Promise.all(
    ['GET', 'HEAD', 'OPTIONS'].map((method) =>
      call({ method, path: `/v1/client/sign_ins?strategy=ticket&ticket=${ticket}` }),
    ),
  );

  expect(answers.map(({ status }) => status)).toEqual([405, 405, 204]);
  expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
});
