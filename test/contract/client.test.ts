import { describe, expect, inject, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { noon, SECOND, setClock, startAtNoon } from '../support/clock.ts';
import { clearedCookies, expectedClient, expectedClientSession, signedOutCookies } from '../support/expected.ts';
import { aSignedInBrowser, plantedCookie } from '../support/given.ts';
import { call, callBackend } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { storedItem, storeItem } from '../support/stored.ts';

startAtNoon();

const { environment } = inject('stack');
const secret = 'A'.repeat(43);
const nobody = { status: 200, json: { response: null, client: null } };

describe('who a browser is signed in as', () => {
  test('a signed-in browser gets its client and session, without a session token', async () => {
    const { browser, sessionId, userId } = await aSignedInBrowser({ actor: { sub: 'support_1', note: { a: 1 } } });

    const answer = await browser.get('/v1/client');

    const actor = { sub: 'support_1', note: { a: 1 } };
    const session = expectedClientSession(noon, userId, { id: sessionId, actor });
    expect(outcome(answer)).toMatchObject({
      status: 200,
      json: { response: expectedClient(noon, [session]), client: null },
    });
    expect(answer.cookies).toEqual([]);
  });

  test('a browser without a cookie is nobody, and no cookie is set', async () => {
    const answer = await new Browser().get('/v1/client');

    expect(outcome(answer)).toEqual(nobody);
    expect(answer.cookies).toEqual([]);
  });

  test('a browser with an unknown client is nobody, and keeps its cookies', async () => {
    const cookies = [`__Host-client=client_2Zwn4c4SnN4HHeTb8EK7pe29iof.${secret}`];

    const answer = await call({ path: '/v1/client', cookies });

    expect(outcome(answer)).toEqual(nobody);
    expect(answer.cookies).toEqual([]);
  });

  test.each(['garbage', `${'x'.repeat(5000)}`, '%00', 'client_x.y', ''])(
    'a browser with the cookie "%.20s" is nobody',
    async (value) => {
      const answer = await call({ path: '/v1/client', cookies: [`__Host-client=${value}`] });

      expect(outcome(answer)).toEqual(nobody);
    },
  );

  test("a cookie that Clerk's own service left on the same host does not count", async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    const own = `__Host-client=${browser.cookie('__Host-client')}`;
    const left = '__Host-client=eyJhbGciOiJSUzI1NiJ9.eyJpZCI6ImNsaWVudF8xIn0.c2ln';

    const answers = [
      await call({ path: '/v1/client', cookies: [own, left] }),
      await call({ path: '/v1/client', cookies: [left, own] }),
    ];

    for (const { json } of answers) expect(json.response).toMatchObject({ last_active_session_id: sessionId });
  });

  test('a browser with two different client cookies is nobody', async () => {
    const { browser } = await aSignedInBrowser();
    const own = `__Host-client=${browser.cookie('__Host-client')}`;

    const answers = [
      await call({ path: '/v1/client', cookies: [own, plantedCookie] }),
      await call({ path: '/v1/client', cookies: [plantedCookie, own] }),
    ];

    expect(answers.map(outcome)).toEqual([nobody, nobody]);
  });

  test('a browser with a replaced secret is nobody, and its cookie is cleared after 60 s', async () => {
    const { browser } = await aSignedInBrowser();
    const stale = browser.clone();
    await aSignedInBrowser({}, browser);
    setClock(noon + 59_999);
    const early = await stale.clone().get('/v1/client');
    setClock(noon + 60_000);

    const late = await stale.clone().get('/v1/client');

    expect([early, late].map(outcome)).toEqual([nobody, nobody]);
    expect([early, late].map(({ cookies }) => cookies)).toEqual([[], clearedCookies]);
  });

  test.each([
    ['ended', (id: string) => callBackend('POST', `/v1/sessions/${id}/revoke`)],
    ['expired', async () => setClock(noon + 600 * SECOND)],
  ])('a browser whose session has %s is a client without sessions', async (_, end) => {
    const { browser, sessionId } = await aSignedInBrowser();
    await end(sessionId);

    const answer = await browser.get('/v1/client');

    expect(outcome(answer)).toMatchObject({ status: 200, json: { response: expectedClient(noon, []), client: null } });
  });

  test('a browser whose user turns out to be banned is a client without sessions', async () => {
    const { browser, userId } = await aSignedInBrowser();
    await storeItem('USERS', { ...(await storedItem('USERS', { id: userId })), banned: true });

    const answer = await browser.get('/v1/client');

    expect(answer.json.response.sessions).toEqual([]);
  });

  test('reading the client does not count as activity', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    setClock(noon + 599 * SECOND);

    await browser.get('/v1/client');

    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({ last_active_at: noon });
  });
});

describe('signing a browser out', () => {
  test('signing a browser out removes its session and keeps the client', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    setClock(noon + SECOND);

    const answer = await browser.send('DELETE', '/v1/client/sessions');

    expect(outcome(answer)).toMatchObject({ status: 200, json: { response: expectedClient(noon, []), client: null } });
    expect(answer.cookies).toEqual(signedOutCookies);
    expect((await callBackend('GET', `/v1/sessions/${sessionId}`)).json).toMatchObject({ status: 'removed' });
    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({
      end_status: 'removed',
      end_cause: 'sign_out',
      ended_at: noon + SECOND,
      ended_from: '192.0.2.1',
    });
  });

  test('signing out also works by POST with _method, as clerk-js sends it', async () => {
    const { browser, sessionId } = await aSignedInBrowser();

    const answer = await browser.post('/v1/client/sessions?_method=DELETE');

    expect(answer.status).toBe(200);
    expect((await callBackend('GET', `/v1/sessions/${sessionId}`)).json).toMatchObject({ status: 'removed' });
  });

  test('signing out twice is answered alike', async () => {
    const { browser } = await aSignedInBrowser();

    const answers = [
      await browser.send('DELETE', '/v1/client/sessions'),
      await browser.send('DELETE', '/v1/client/sessions'),
    ];

    expect(outcome(answers[1] as never)).toEqual(outcome(answers[0] as never));
  });

  test('signing out keeps the end that the session had', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    await browser.post(`/v1/client/sessions/${sessionId}/end`);

    await browser.send('DELETE', '/v1/client/sessions');

    expect((await callBackend('GET', `/v1/sessions/${sessionId}`)).json).toMatchObject({ status: 'ended' });
  });

  test('a browser can sign in again after it was signed out', async () => {
    const { browser } = await aSignedInBrowser();
    const clientId = browser.cookie('__Host-client')?.split('.')[0];
    await browser.send('DELETE', '/v1/client/sessions');

    const { sessionId } = await aSignedInBrowser({}, browser);

    expect(browser.cookie('__Host-client')?.split('.')[0]).toBe(clientId);
    expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(200);
  });

  test.each([
    ['no cookie', []],
    ['a cookie we never gave', ['__Host-client=x']],
    ['a client nobody knows', [`__Host-client=client_2Zwn4c4SnN4HHeTb8EK7pe29iof.${secret}`]],
  ])('signing out with %s is refused', async (_, cookies) => {
    const answer = await call({ method: 'DELETE', path: '/v1/client/sessions', cookies });

    expect(outcome(answer)).toEqual(refusal(401, 'signed_out'));
  });

  test('signing out with a replaced secret leaves the new session alone', async () => {
    const { browser } = await aSignedInBrowser();
    const stale = browser.clone();
    const { sessionId } = await aSignedInBrowser({}, browser);

    const answer = await stale.send('DELETE', '/v1/client/sessions');

    expect(outcome(answer)).toEqual(refusal(401, 'authentication_invalid'));
    expect(answer.cookies).toEqual([]);
    expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(200);
  });
});

test('a client of another generation is nobody', async () => {
  const { browser } = await aSignedInBrowser();
  const id = browser.cookie('__Host-client')?.split('.')[0];
  const stored = await storedItem('CLIENTS', { id });
  await storeItem('CLIENTS', { ...stored, generation: Number(environment.GENERATION) + 1 });

  const answer = await browser.clone().get('/v1/client');
  const signOut = await browser.clone().send('DELETE', '/v1/client/sessions');
  const signIn = await aSignedInBrowser({}, browser);

  expect(outcome(answer)).toEqual(nobody);
  expect(answer.cookies).toEqual([]);
  expect(outcome(signOut)).toEqual(refusal(401, 'signed_out'));
  expect(signIn.browser.cookie('__Host-client')?.split('.')[0]).not.toBe(id);
});

test('the cookies of a client may also come in one Cookie header', async () => {
  const { browser } = await aSignedInBrowser();

  const answer = await call({ path: '/v1/client', headers: { Cookie: `a=b; ${browser.cookies.join('; ')};c` } });

  expect(answer.json.response.sessions).toHaveLength(1);
});

describe('clerk-js, which says its version, gets a session token with the client', () => {
  test('clerk-js gets a session token of its page with the client, without counting as activity', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    setClock(noon + 60_000);

    const { json } = await browser.get('/v1/client?_clerk_js_version=6.40.0', {
      origin: inject('stack').allowedOrigin,
    });

    const token: string = json.response.sessions[0].last_active_token.jwt;
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ sid: sessionId, iat: (noon + 60_000) / 1000, azp: inject('stack').allowedOrigin });
    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({ last_active_at: noon });
  });

  test('only clerk-js gets a session token with the client', async () => {
    const { browser } = await aSignedInBrowser();

    const { json } = await browser.get('/v1/client');

    expect(json.response.sessions[0].last_active_token).toBeNull();
  });

  test('clerk-js gets no session token for an ended session or a banned user', async () => {
    const [ended, banned] = await Promise.all([aSignedInBrowser(), aSignedInBrowser()]);
    await callBackend('POST', `/v1/sessions/${ended.sessionId}/revoke`);
    await callBackend('POST', `/v1/users/${banned.userId}/ban`);

    const answers = await Promise.all(
      [ended, banned].map(({ browser }) => browser.get('/v1/client?_clerk_js_version=6')),
    );

    expect(answers.map(({ json }) => json.response.sessions)).toEqual([[], []]);
  });
});
