import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, inject, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { MINUTE, noon, SECOND, setClock, startAtNoon } from '../support/clock.ts';
import { expectedClient, expectedClientSession, expectedToken, signedOutCookies } from '../support/expected.ts';
import { aSignedInBrowser, plantedCookie } from '../support/given.ts';
import { call, callBackend } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { storedItem, storeItem } from '../support/stored.ts';
import { decoded } from '../support/tickets.ts';

startAtNoon();

const { allowedOrigin, environment } = inject('stack');
const issuer = new URL(environment.FRONTEND_API_URL ?? '').origin;

const uses = [
  ['GET', ''],
  ['POST', '/tokens'],
  ['POST', '/touch'],
  ['POST', '/end'],
  ['POST', '/remove'],
] as const;

/** The operations that need a live session. */
const livelyUses = uses.filter(([, use]) => ['', '/tokens', '/touch'].includes(use));

describe('a session token', () => {
  test('a session token is answered alone, without an envelope', async () => {
    const { browser, sessionId } = await aSignedInBrowser();

    const answer = await browser.post(`/v1/client/sessions/${sessionId}/tokens`, { organization_id: '' });

    expect(outcome(answer)).toEqual({ status: 200, json: expectedToken });
    expect(answer.cookies).toEqual([]);
  });

  test('a session token has the published header and claims, and no others', async () => {
    const actor = { sub: 'support_1', role: 'agent' };
    const { browser, sessionId, userId } = await aSignedInBrowser({ actor });
    setClock(noon + 90 * SECOND + 999);

    const { json } = await browser.post(`/v1/client/sessions/${sessionId}/tokens`, {}, { origin: allowedOrigin });

    const keys = (await call({ path: '/.well-known/jwks.json' })).json.keys;
    const iat = noon / 1000 + 90;
    expect(decoded(json.jwt).header).toEqual({
      alg: 'RS256',
      cat: 'cl_B7d4PD111AAA',
      kid: keys[0].kid,
      oiat: iat,
      typ: 'JWT',
    });
    expect(decoded(json.jwt).payload).toEqual({
      act: actor,
      azp: allowedOrigin,
      exp: iat + 60,
      fva: [1, -1],
      iat,
      iss: issuer,
      nbf: iat - 10,
      sid: sessionId,
      sts: 'active',
      sub: userId,
      v: 2,
    });
  });

  test('a session token is verified by the published keys, with a library of another maker', async () => {
    const { browser, sessionId, userId } = await aSignedInBrowser();
    const { json } = await browser.post(`/v1/client/sessions/${sessionId}/tokens`);
    const keys = createLocalJWKSet((await call({ path: '/.well-known/jwks.json' })).json);

    const { payload } = await jwtVerify(json.jwt, keys, { issuer, algorithms: ['RS256'], typ: 'JWT' });

    expect(payload).toMatchObject({ sub: userId, sid: sessionId });
  });

  test.each([
    [59, true],
    [60, false],
  ])('a session token is good for 60 s: at %i s that is %s', async (seconds, good) => {
    const { browser, sessionId } = await aSignedInBrowser();
    const { json } = await browser.post(`/v1/client/sessions/${sessionId}/tokens`);
    const keys = createLocalJWKSet((await call({ path: '/.well-known/jwks.json' })).json);

    const verified = jwtVerify(json.jwt, keys, { currentDate: new Date(noon + seconds * SECOND) });

    await expect(
      verified.then(
        () => true,
        () => false,
      ),
    ).resolves.toBe(good);
  });

  test.each([
    ['59.999 s before', 1_800_000 - 59_999, 60],
    ['30.5 s before', 1_800_000 - 30_500, 31],
    ['1 ms before', 1_800_000 - 1, 1],
  ])('a session token made %s the end of its session never outlives it', async (_, after, life) => {
    const { browser, sessionId } = await aSignedInBrowser();
    for (const at of [500, 1000, 1500]) {
      setClock(noon + at * SECOND);
      await browser.post(`/v1/client/sessions/${sessionId}/touch`);
    }
    setClock(noon + after);

    const { json } = await browser.post(`/v1/client/sessions/${sessionId}/tokens`);

    const { exp, iat } = decoded(json.jwt).payload;
    expect(Number(exp)).toBeLessThanOrEqual((noon + 1_800_000) / 1000);
    expect(Number(exp) - Number(iat)).toBe(life);
  });

  test('a session token names the origin of its request, else of the sign-in, else none', async () => {
    const own = issuer;
    const signedIn = async (origin?: string) => {
      const given = await aSignedInBrowser();
      const stored = await storedItem('SESSIONS', { id: given.sessionId });
      await storeItem('SESSIONS', { ...stored, ...(origin && { origin }) });
      return given;
    };
    const withOrigin = await signedIn(allowedOrigin);
    const withoutOrigin = await signedIn();
    const mint = async ({ browser, sessionId }: typeof withOrigin, headers = {}) =>
      decoded((await browser.post(`/v1/client/sessions/${sessionId}/tokens`, {}, headers)).json.jwt).payload;

    const claims = [await mint(withOrigin, { origin: own }), await mint(withOrigin), await mint(withoutOrigin)];

    expect(claims.map((payload) => payload.azp ?? 'none')).toEqual([own, allowedOrigin, 'none']);
    expect(claims[2]).not.toHaveProperty('azp');
  });

  test('no session token is issued for a user who turns out to be banned, and the session ends', async () => {
    const { browser, sessionId, userId } = await aSignedInBrowser();
    await storeItem('USERS', { ...(await storedItem('USERS', { id: userId })), banned: true });

    const answer = await browser.post(`/v1/client/sessions/${sessionId}/tokens`);

    expect(outcome(answer)).toEqual(refusal(401, 'authentication_invalid'));
    expect((await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status).toBe('revoked');
  });

  test('a request for a session token may have unknown fields and parameters', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    const path = `/v1/client/sessions/${sessionId}/tokens?_clerk_js_version=6.40.0&__clerk_api_version=2026-08-20&debug=skip_cache&x=1&x=2`;

    const answer = await browser.post(path, { organization_id: '', tab_state: 'visible', color: 'red' });

    expect(answer.status).toBe(200);
  });

  test('a session token of a template that does not exist is not found', async () => {
    const { browser, sessionId } = await aSignedInBrowser();

    const answer = await browser.post(`/v1/client/sessions/${sessionId}/tokens/hasura`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });

  test('a session token is never refused with 422, which clerk-js would take for a sign-out', async () => {
    const { browser, sessionId } = await aSignedInBrowser();

    const answer = await call({
      method: 'POST',
      path: `/v1/client/sessions/${sessionId}/tokens`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      cookies: browser.cookies,
      body: 'tab_state=visible&tab_state=visible',
    });

    expect(answer.status).not.toBe(422);
    expect(answer.status).not.toBe(401);
  });
});

describe('touching a session', () => {
  test('touching a session is answered with the session, a session token and the client', async () => {
    const { browser, sessionId, userId } = await aSignedInBrowser({ actor: { sub: 'a' } });
    setClock(noon + MINUTE);

    const answer = await browser.post(`/v1/client/sessions/${sessionId}/touch`, {
      active_organization_id: '',
      intent: 'focus',
    });

    const session = expectedClientSession(noon, userId, {
      id: sessionId,
      actor: { sub: 'a' },
      last_active_at: noon + MINUTE,
      updated_at: noon + MINUTE,
      factor_verification_age: [1, -1],
      last_active_token: expectedToken,
    });
    expect(outcome(answer)).toMatchObject({
      status: 200,
      json: { response: session, client: expectedClient(noon, [session]) },
    });
    expect(answer.cookies).toEqual([]);
  });

  test('touching a session of a user who turns out to be banned ends it', async () => {
    const { browser, sessionId, userId } = await aSignedInBrowser();
    await storeItem('USERS', { ...(await storedItem('USERS', { id: userId })), banned: true });

    const answer = await browser.post(`/v1/client/sessions/${sessionId}/touch`);

    expect(outcome(answer)).toEqual(refusal(401, 'authentication_invalid'));
    expect((await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status).toBe('revoked');
  });
});

describe('reading a session of this browser', () => {
  test('reading a session of this browser is answered without a session token', async () => {
    const { browser, sessionId, userId } = await aSignedInBrowser({ actor: { sub: 'a' } });
    setClock(noon + MINUTE);

    const answer = await browser.get(`/v1/client/sessions/${sessionId}`);

    const session = expectedClientSession(noon, userId, {
      id: sessionId,
      actor: { sub: 'a' },
      factor_verification_age: [1, -1],
    });
    expect(outcome(answer)).toMatchObject({
      status: 200,
      json: { response: session, client: null },
    });
    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({ last_active_at: noon });
  });

  test('reading a session of a user who turns out to be banned is refused', async () => {
    const { browser, sessionId, userId } = await aSignedInBrowser();
    await storeItem('USERS', { ...(await storedItem('USERS', { id: userId })), banned: true });

    const answer = await browser.get(`/v1/client/sessions/${sessionId}`);

    expect(outcome(answer)).toEqual(refusal(401, 'authentication_invalid'));
  });
});

describe.each([
  ['end', 'ended'],
  ['remove', 'removed'],
])('to %s a session', (use, status) => {
  test('ending a session is answered with it, the client without it and signed-out cookies', async () => {
    const { browser, sessionId, userId } = await aSignedInBrowser({ actor: { sub: 'a' } });
    setClock(noon + SECOND);

    const answer = await browser.post(`/v1/client/sessions/${sessionId}/${use}`);

    const session = expectedClientSession(noon, userId, {
      id: sessionId,
      actor: { sub: 'a' },
      status,
      updated_at: noon + SECOND,
    });
    expect(outcome(answer)).toMatchObject({
      status: 200,
      json: { response: session, client: expectedClient(noon, []) },
    });
    expect(answer.cookies).toEqual(signedOutCookies);
    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({
      end_status: status,
      end_cause: use,
      ended_at: noon + SECOND,
      ended_from: '192.0.2.1',
      ended_with: 'test',
    });
  });

  test('an ended session is of no use to its browser at once', async () => {
    const { browser, sessionId } = await aSignedInBrowser();

    await browser.post(`/v1/client/sessions/${sessionId}/${use}`);

    const answers = [];
    for (const [method, each] of livelyUses)
      answers.push(await browser.send(method, `/v1/client/sessions/${sessionId}${each}`));
    expect(answers.map(outcome)).toEqual(livelyUses.map(() => refusal(401, 'authentication_invalid')));
    expect((await callBackend('POST', `/v1/sessions/${sessionId}/tokens`)).status).toBe(404);
  });

  test('ending a session can be repeated: the first end stands, and nothing of the user is shown', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    await browser.post(`/v1/client/sessions/${sessionId}/${use}`);
    const before = await storedItem('SESSIONS', { id: sessionId });
    setClock(noon + SECOND);

    const answers = [
      await browser.post(`/v1/client/sessions/${sessionId}/end`),
      await browser.post(`/v1/client/sessions/${sessionId}/remove`),
      await browser.send('DELETE', '/v1/client/sessions'),
    ];

    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect(answers.slice(0, 2).map(({ json }) => json.response)).toMatchObject([
      { status, user: null },
      { status, user: null },
    ]);
    expect(await storedItem('SESSIONS', { id: sessionId })).toEqual(before);
    expect((await callBackend('POST', `/v1/sessions/${sessionId}/revoke`)).json.status).toBe(status);
  });

  test('ending a session that has expired leaves it expired', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    setClock(noon + 600 * SECOND);

    const answer = await browser.post(`/v1/client/sessions/${sessionId}/${use}`);

    expect(answer.json.response).toMatchObject({ status: 'expired', updated_at: noon + 600 * SECOND, user: null });
  });
});

describe.each(uses)('%s of a session%s', (method, use) => {
  test('a session of another browser is not found, and left alone', async () => {
    const { sessionId, browser: owner } = await aSignedInBrowser();
    const { browser } = await aSignedInBrowser();

    const answer = await browser.send(method, `/v1/client/sessions/${sessionId}${use}`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
    expect((await owner.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(200);
  });

  test.each([
    ['nobody knows', 'sess_2Zwn4c4SnN4HHeTb8EK7pe29iof'],
    ['with an id of another kind', 'act_2Zwn4c4SnN4HHeTb8EK7pe29iof'],
    ['with no id at all', '%00'],
    ['with an id too long', `sess_${'a'.repeat(2100)}`],
  ])('a session %s is not found', async (_, id) => {
    const { browser } = await aSignedInBrowser();

    const answer = await browser.send(method, `/v1/client/sessions/${id}${use}`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });

  test('a session without a cookie is refused: nobody is signed in', async () => {
    const { sessionId } = await aSignedInBrowser();

    const answer = await new Browser().send(method, `/v1/client/sessions/${sessionId}${use}`);

    expect(outcome(answer)).toEqual(refusal(401, 'signed_out'));
  });

  test('a session under the id of its client and another secret is refused', async () => {
    const { sessionId, browser } = await aSignedInBrowser();
    const cookies = [`__Host-client=${browser.cookie('__Host-client')?.split('.')[0]}.${'A'.repeat(43)}`];

    const answer = await call({ method, path: `/v1/client/sessions/${sessionId}${use}`, cookies });

    expect(outcome(answer)).toEqual(refusal(401, 'authentication_invalid'));
    expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(200);
  });

  test('a session that another tab replaced is refused with both cookies, and nobody is signed out', async () => {
    const { sessionId, browser } = await aSignedInBrowser();
    const stale = browser.clone();
    const { sessionId: current } = await aSignedInBrowser({}, browser);
    const path = `/v1/client/sessions/${sessionId}${use}`;

    const answers = [await stale.send(method, path), await browser.send(method, path)];

    expect(answers.map(outcome)).toEqual(Array(2).fill(refusal(401, 'authentication_invalid')));
    expect(answers.flatMap(({ cookies }) => cookies)).toEqual([]);
    expect((await browser.post(`/v1/client/sessions/${current}/tokens`)).status).toBe(200);
  });

  test('a session of another generation is not found', async () => {
    const { sessionId, browser } = await aSignedInBrowser();
    const stored = await storedItem('SESSIONS', { id: sessionId });
    await storeItem('SESSIONS', { ...stored, generation: Number(environment.GENERATION) + 1 });

    const answer = await browser.send(method, `/v1/client/sessions/${sessionId}${use}`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });
});

test.each(livelyUses)('%s of a session%s with two different client cookies is refused', async (method, use) => {
  const { sessionId, browser } = await aSignedInBrowser();
  const cookies = [...browser.cookies, plantedCookie];

  const answer = await call({ method, path: `/v1/client/sessions/${sessionId}${use}`, cookies });

  expect(outcome(answer)).toEqual(refusal(401, 'authentication_invalid'));
});
