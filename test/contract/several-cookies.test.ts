// A sibling of the app's host can plant cookies below the app's domain: not under `__Host-client`, but under `__client`, the name where
// the Frontend API is below a path of the app's origin.
import { describe, expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { MINUTE, noon, setClock, startAtNoon } from '../support/clock.ts';
import { aPendingActorToken, aSignedInBrowser, plantedCookie } from '../support/given.ts';
import { type Api, call, callBackend, startApi, testInstance } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { storedItem } from '../support/stored.ts';

startAtNoon();

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const belowPath = startApi(testInstance({ FRONTEND_API_URL: 'https://app.example.com/__clerk' }));
const ways = [
  { name: '__Host-client', api: { call } },
  { name: '__client', api: belowPath },
] as const;
const neverIssued = plantedCookie.slice(plantedCookie.indexOf('=') + 1);

/** The `Domain` and `Path` of each cookie that an answer deletes. */
function deleted(cookies: readonly string[]): readonly string[] {
  return cookies
    .filter((line) => line.startsWith('__client=;'))
    .map((line) => {
      expect(line).toMatch(/; Max-Age=0; HttpOnly; Secure; SameSite=Lax$/);
      const [, path] = /; Path=([^;]+)/.exec(line) ?? [];
      const [, domain = ''] = /; Domain=([^;]+)/.exec(line) ?? [];
      return `${domain} ${path}`.trim();
    });
}

const PATHS_OF_CLIENT = ['/', '/__clerk', '/__clerk/', '/__clerk/v1', '/__clerk/v1/', '/__clerk/v1/client'].concat([
  '/__clerk/v1/client/',
]);

/** All that a sibling can have planted for `GET /v1/client`, and what is not our own on our own host. */
const plantedForClient = [
  ...PATHS_OF_CLIENT.filter((path) => path !== '/__clerk'),
  ...PATHS_OF_CLIENT.map((path) => `app.example.com ${path}`),
  ...PATHS_OF_CLIENT.map((path) => `example.com ${path}`),
];

async function statusOf(sessionId: string): Promise<string> {
  return (await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status;
}

function signedIn(api: Pick<Api, 'call'>) {
  return aSignedInBrowser({}, new Browser(api));
}

describe.each(ways)('with the cookie $name', ({ name, api }) => {
  const send = (method: string, path: string, values: readonly (string | undefined)[], body = '') =>
    api.call({
      method,
      path,
      ...(method === 'POST' && { headers: FORM, body }),
      cookies: values.map((value) => `${name}=${value}`),
    });

  const endings = [
    { method: 'DELETE', path: () => '/v1/client/sessions', status: 'removed' },
    { method: 'DELETE', path: () => '/v1/client', status: 'removed' },
    { method: 'POST', path: (id: string) => `/v1/client/sessions/${id}/end`, status: 'ended' },
    { method: 'POST', path: (id: string) => `/v1/client/sessions/${id}/remove`, status: 'removed' },
  ];

  test.for(endings)(
    '$method $path ends the session that one of two cookies proves',
    async ({ method, path, status }) => {
      const sessions = await Promise.all([signedIn(api), signedIn(api)]);
      const [first, second] = sessions.map(({ browser }) => browser.cookie(name));

      const answers = [
        await send(method, path(sessions[0].sessionId), [neverIssued, first]),
        await send(method, path(sessions[1].sessionId), [second, neverIssued]),
      ];

      expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
      expect(await Promise.all(sessions.map(({ sessionId }) => statusOf(sessionId)))).toEqual([status, status]);
    },
  );

  test.for(['/v1/client/sessions', '/v1/client'])('DELETE %s ends every session that a cookie proves', async (path) => {
    const sessions = await Promise.all([signedIn(api), signedIn(api)]);

    const answer = await send(
      'DELETE',
      path,
      sessions.map(({ browser }) => browser.cookie(name)),
    );

    expect(answer.status).toBe(200);
    expect(await Promise.all(sessions.map(({ sessionId }) => statusOf(sessionId)))).toEqual(['removed', 'removed']);
  });

  test("the session of another browser does not end with two other browsers' cookies", async () => {
    const [own, one, other] = await Promise.all([signedIn(api), signedIn(api), signedIn(api)]);
    const values = [one, other].map(({ browser }) => browser.cookie(name));

    const answer = await send('POST', `/v1/client/sessions/${own.sessionId}/end`, values);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
    expect(await statusOf(own.sessionId)).toBe('active');
  });

  test('a sign-out with cookies that prove nothing is refused', async () => {
    const unknown = neverIssued.replace('client_0', 'client_1');

    const answer = await send('DELETE', '/v1/client/sessions', [neverIssued, unknown]);

    expect(outcome(answer)).toEqual(refusal(401, 'signed_out'));
  });

  test('a sign-out with more than eight cookies is refused, and ends nothing', async () => {
    const { browser, sessionId } = await signedIn(api);
    const planted = Array.from({ length: 8 }, (_, index) => neverIssued.replace('client_0', `client_${index}`));

    const answer = await send('DELETE', '/v1/client/sessions', [...planted, browser.cookie(name)]);

    expect(outcome(answer)).toEqual(refusal(401, 'authentication_invalid'));
    expect(await statusOf(sessionId)).toBe('active');
  });

  test('two live sessions sign the browser in to neither, and redeem nothing', async () => {
    const [own, planted] = await Promise.all([signedIn(api), signedIn(api)]);
    const values = [planted, own].map(({ browser }) => browser.cookie(name));
    const { ticket, id } = await aPendingActorToken();

    const client = await send('GET', '/v1/client?_clerk_js_version=6', values);
    const token = await send('POST', `/v1/client/sessions/${own.sessionId}/tokens`, values);
    const signIn = await send('POST', '/v1/client/sign_ins', values, `strategy=ticket&ticket=${ticket}`);

    expect(client.json).toEqual({ response: null, client: null });
    expect([token, signIn].map(outcome)).toEqual(Array(2).fill(refusal(401, 'authentication_invalid')));
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
    expect(await statusOf(own.sessionId)).toBe('active');
  });

  test('the same cookie twice is one', async () => {
    const { browser, sessionId } = await signedIn(api);
    const values = [browser.cookie(name), browser.cookie(name)];

    const answer = await send('POST', `/v1/client/sessions/${sessionId}/tokens`, values);

    expect(answer.status).toBe(200);
  });
});

describe('a cookie of the other name counts as none', () => {
  test.each([
    { api: { call }, own: '__Host-client', other: '__client' },
    { api: belowPath, own: '__client', other: '__Host-client' },
  ])('where the name is $own, $other is ignored', async ({ api, own, other }) => {
    const [{ browser, sessionId }, planted] = await Promise.all([signedIn(api), signedIn(api)]);
    const cookies = [`${other}=${planted.browser.cookie(own)}`];

    const alone = await api.call({ path: '/v1/client', cookies });
    const beside = await api.call({ path: '/v1/client', cookies: [...cookies, `${own}=${browser.cookie(own)}`] });

    expect(alone.json.response).toBeNull();
    expect(beside.json.response.last_active_session_id).toBe(sessionId);
  });
});

describe('below a path, an answer deletes what siblings can have planted', () => {
  const two = [`__client=${neverIssued}`, `__client=${neverIssued.replace('client_0', 'client_1')}`];

  test('a sign-in gives the cookie the path of the Frontend API, and no domain', async () => {
    const { ticket } = await aPendingActorToken();

    const { cookies } = await new Browser(belowPath).redeem(ticket);

    expect(cookies[0]).toMatch(
      /^__client=client_\w{27}\.[\w-]{43}; Path=\/__clerk; Max-Age=34560000; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  test('an answer to two cookies deletes every one but our own', async () => {
    const answer = await belowPath.call({ path: '/v1/client', cookies: two });

    expect(deleted(answer.cookies).toSorted()).toEqual(plantedForClient.toSorted());
  });

  test('a refusal of two cookies deletes them too', async () => {
    const { ticket } = await aPendingActorToken();

    const answer = await belowPath.call({
      method: 'POST',
      path: '/v1/client/sign_ins',
      headers: FORM,
      cookies: two,
      body: `strategy=ticket&ticket=${ticket}`,
    });

    expect(answer.status).toBe(401);
    expect(deleted(answer.cookies)).toEqual(
      expect.arrayContaining([...plantedForClient, 'example.com /__clerk/v1/client/sign_ins']),
    );
    expect(deleted(answer.cookies)).not.toContain('/__clerk');
  });

  test('a handshake with two cookies deletes them, and leads back', async () => {
    const { allowedOrigins } = testInstance();
    const page = `${[...allowedOrigins].at(-1)}/account`;

    const answer = await belowPath.call({
      path: `/v1/client/handshake?redirect_url=${encodeURIComponent(page)}`,
      cookies: two,
    });

    expect(answer).toMatchObject({ status: 307, headers: { location: page } });
    expect(deleted(answer.cookies)).toHaveLength(answer.cookies.length);
    expect(deleted(answer.cookies)).toEqual(expect.arrayContaining(plantedForClient));
  });

  test('a planted cookie whose secret was replaced does not lock a browser out of signing in', async () => {
    const mallory = await signedIn(belowPath);
    const victim = mallory.browser.clone();
    await aSignedInBrowser({}, mallory.browser);
    const { ticket } = await aPendingActorToken();

    const early = await victim.clone().redeem(ticket);
    setClock(noon + MINUTE);
    const late = await victim.clone().redeem(ticket);

    expect([early, late].map(({ status }) => status)).toEqual([401, 401]);
    for (const { cookies } of [early, late]) expect(deleted(cookies)).toEqual(expect.arrayContaining(plantedForClient));
    // Our own cookie goes only when this cannot be a late answer to a browser that has signed in meanwhile.
    expect([early, late].map(({ cookies }) => deleted(cookies).includes('/__clerk'))).toEqual([false, true]);
  });

  test('an answer to one cookie deletes none', async () => {
    const answer = await belowPath.call({ path: '/v1/client', cookies: two.slice(0, 1) });

    expect(answer.cookies).toEqual([]);
  });

  test('the path of a request adds no attribute to a cookie', async () => {
    const answer = await belowPath.call({ path: '/v1/client/sessions/x%3B%20Domain%3Devil.example', cookies: two });

    expect(answer.status).toBe(401);
    expect(deleted(answer.cookies)).toContain('example.com /__clerk/v1/client/sessions/x');
    expect(answer.cookies.join()).not.toContain('evil');
  });

  test.for(['http://127.0.0.1:3000/__clerk', 'http://localhost:3000/__clerk', 'http://[::1]:3000/__clerk'])(
    'our own cookie stays where the host is no domain: %s',
    async (frontendApiUrl) => {
      const api = startApi(testInstance({ FRONTEND_API_URL: frontendApiUrl }));

      const answer = await api.call({ path: '/v1/client', cookies: two });

      expect(deleted(answer.cookies)).toEqual(PATHS_OF_CLIENT.filter((path) => path !== '/__clerk'));
    },
  );
});
