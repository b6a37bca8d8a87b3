// A sibling of the app's host can plant cookies below the app's domain: not under `__Host-client`, but under `__client`, the name where
// the Frontend API is below a path of the app's origin. There `__Host-client_hash` tells which one is true.
import { describe, expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { startAtNoon } from '../support/clock.ts';
import { aPendingActorToken, aSignedInBrowser, plantedCookie } from '../support/given.ts';
import { type Api, call, callBackend, startApi, testInstance } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';

startAtNoon();

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const belowPath = startApi(testInstance({ FRONTEND_API_URL: 'https://app.example.com/__clerk' }));
const ways = [
  { name: '__Host-client', api: { call } },
  { name: '__client', api: belowPath },
] as const;
const neverIssued = plantedCookie.slice(plantedCookie.indexOf('=') + 1);

async function statusOf(sessionId: string): Promise<string> {
  return (await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status;
}

function signedIn(api: Pick<Api, 'call'>) {
  return aSignedInBrowser({}, new Browser(api));
}

/** A `Cookie` header's parts: the client's cookie with each of these values, and the other cookies of the browser. */
function withValues(name: string, values: readonly (string | undefined)[], browser?: Browser): readonly string[] {
  const others = browser?.cookies.filter((cookie) => !cookie.startsWith(`${name}=`)) ?? [];
  return [...values.map((value) => `${name}=${value}`), ...others];
}

describe.each(ways)('with the cookie $name', ({ name, api }) => {
  const send = (method: string, path: string, cookies: readonly string[], body = '') =>
    api.call({ method, path, cookies, ...(method === 'POST' && { headers: FORM, body }) });

  const endings = [
    { method: 'DELETE', path: () => '/v1/client/sessions', status: 'removed' },
    { method: 'DELETE', path: () => '/v1/client', status: 'removed' },
    { method: 'POST', path: (id: string) => `/v1/client/sessions/${id}/end`, status: 'ended' },
    { method: 'POST', path: (id: string) => `/v1/client/sessions/${id}/remove`, status: 'removed' },
  ];

  test.for(endings)('$method $path ends the session that one of two cookies proves', async (ending) => {
    const { method, path, status } = ending;
    const sessions = await Promise.all([signedIn(api), signedIn(api)]);
    const [first, second] = sessions.map(({ browser }) => browser.cookie(name));

    const answers = [
      await send(method, path(sessions[0].sessionId), withValues(name, [neverIssued, first])),
      await send(method, path(sessions[1].sessionId), withValues(name, [second, neverIssued])),
    ];

    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(await Promise.all(sessions.map(({ sessionId }) => statusOf(sessionId)))).toEqual([status, status]);
  });

  test.for(['/v1/client/sessions', '/v1/client'])('DELETE %s ends every session that a cookie proves', async (path) => {
    const sessions = await Promise.all([signedIn(api), signedIn(api)]);
    const values = sessions.map(({ browser }) => browser.cookie(name));

    const answer = await send('DELETE', path, withValues(name, values, sessions[1].browser));

    expect(answer.status).toBe(200);
    expect(await Promise.all(sessions.map(({ sessionId }) => statusOf(sessionId)))).toEqual(['removed', 'removed']);
  });

  // Browsers refuse these names to no host, because they do not begin with the prefix.
  test.for(['\u00a0', '\u2000', '\u3000', '\ufeff', '\t', '\n', '\v', '"'])(
    'a name that begins with %j is another name: it signs nobody in, and contradicts no cookie',
    async (character) => {
      const [own, mallory] = await Promise.all([signedIn(api), signedIn(api)]);
      const planted = mallory.browser.cookies.map((cookie) => character + cookie);

      const alone = await send('GET', '/v1/client', planted);
      const beside = await send('GET', '/v1/client', [...planted, ...own.browser.cookies]);

      expect(alone.json.response).toBeNull();
      expect(beside.json.response.sessions.map(({ id }: { id: string }) => id)).toEqual([own.sessionId]);
    },
  );

  test("the cookies of two other browsers do not end a browser's session", async () => {
    const [own, one, other] = await Promise.all([signedIn(api), signedIn(api), signedIn(api)]);
    const values = [one, other].map(({ browser }) => browser.cookie(name));

    const answer = await send('POST', `/v1/client/sessions/${own.sessionId}/end`, withValues(name, values));

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
    expect(await statusOf(own.sessionId)).toBe('active');
  });

  test('a sign-out with cookies that prove nothing is refused', async () => {
    const unknown = neverIssued.replace('client_0', 'client_1');

    const answer = await send('DELETE', '/v1/client/sessions', withValues(name, [neverIssued, unknown]));

    expect(outcome(answer)).toEqual(refusal(401, 'signed_out'));
  });

  test('the same cookie twice is one', async () => {
    const { browser, sessionId } = await signedIn(api);
    const cookies = [...browser.cookies, ...browser.cookies];

    const client = await send('GET', '/v1/client', cookies);
    const token = await send('POST', `/v1/client/sessions/${sessionId}/tokens`, cookies);

    expect(client.json.response.last_active_session_id).toBe(sessionId);
    expect(token.status).toBe(200);
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
    const beside = await api.call({ path: '/v1/client', cookies: [...cookies, ...browser.cookies] });

    expect(alone.json.response).toBeNull();
    expect(beside.json.response.last_active_session_id).toBe(sessionId);
  });
});

describe('below a path, a planted cookie changes nothing', () => {
  const name = '__client';

  test("the cookie of a sign-in has the Frontend API's path, and a second one without the secret has every path", async () => {
    const { ticket } = await aPendingActorToken();
    const browser = new Browser(belowPath);

    const { cookies } = await browser.redeem(ticket);

    const life = 'Max-Age=34560000; HttpOnly; Secure; SameSite=Lax';
    expect(cookies[0]).toMatch(new RegExp(`^__client=client_\\w{27}\\.[\\w-]{43}; Path=/__clerk; ${life}$`));
    expect(cookies[1]).toMatch(new RegExp(`^__Host-client_hash=[0-9a-f]{32}; Path=/; ${life}$`));
  });

  test('a sign-out of the client deletes both', async () => {
    const { browser } = await signedIn(belowPath);

    const { cookies } = await browser.send('DELETE', '/v1/client');

    expect(cookies).toEqual(expect.arrayContaining([expect.stringMatching(/^__client=; Path=\/__clerk; Max-Age=0;/)]));
    expect(cookies).toEqual(
      expect.arrayContaining([expect.stringMatching(/^__Host-client_hash=; Path=\/; Max-Age=0;/)]),
    );
  });

  test('alone, it signs nobody in, and a sign-in makes a client of its own', async () => {
    const mallory = await signedIn(belowPath);
    const planted = mallory.browser.cookie(name);
    const cookies = withValues(name, [planted]);
    const { ticket } = await aPendingActorToken();

    const client = await belowPath.call({ path: '/v1/client', cookies });
    const token = await belowPath.call({
      method: 'POST',
      path: `/v1/client/sessions/${mallory.sessionId}/tokens`,
      cookies,
    });
    const signIn = await belowPath.call({
      method: 'POST',
      path: '/v1/client/sign_ins',
      headers: FORM,
      cookies,
      body: `strategy=ticket&ticket=${ticket}`,
    });

    expect(client.json).toEqual({ response: null, client: null });
    expect(outcome(token)).toEqual(refusal(401, 'signed_out'));
    expect(signIn.status).toBe(200);
    expect(planted).not.toContain(signIn.json.client.id);
    expect(await statusOf(mallory.sessionId)).toBe('active');
  });

  test.for([0, 20])('beside the true one, it neither signs out nor in, also %i times', async (more) => {
    const [mallory, own] = await Promise.all([signedIn(belowPath), signedIn(belowPath)]);
    const others = Array.from({ length: more }, (_, index) => neverIssued.replace('client_00', `client_${index + 10}`));
    const values = [mallory.browser.cookie(name), ...others, own.browser.cookie(name)];
    const cookies = withValues(name, values, own.browser);

    const client = await belowPath.call({ path: '/v1/client', cookies });
    const token = await belowPath.call({
      method: 'POST',
      path: `/v1/client/sessions/${own.sessionId}/tokens`,
      cookies,
    });
    const signOut = await belowPath.call({ method: 'DELETE', path: '/v1/client/sessions', cookies });

    expect(client.json.response.last_active_session_id).toBe(own.sessionId);
    expect(token.status).toBe(200);
    expect(signOut.status).toBe(200);
    expect(await statusOf(own.sessionId)).toBe('removed');
  });

  test('beside the true one, it does not stop a sign-in', async () => {
    const [mallory, own] = await Promise.all([signedIn(belowPath), signedIn(belowPath)]);
    const { ticket } = await aPendingActorToken();

    const answer = await belowPath.call({
      method: 'POST',
      path: '/v1/client/sign_ins',
      headers: FORM,
      cookies: withValues(name, [mallory.browser.cookie(name), own.browser.cookie(name)], own.browser),
      body: `strategy=ticket&ticket=${ticket}`,
    });

    expect(answer.status).toBe(200);
    expect(own.browser.cookie(name)).toContain(answer.json.client.id);
    expect(await statusOf(own.sessionId)).toBe('removed');
    expect(await statusOf(mallory.sessionId)).toBe('active');
  });
});
