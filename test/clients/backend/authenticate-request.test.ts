import { afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import type { HttpBrowser } from '../../support/http-browser.ts';
import { aPendingActorToken, aSignedInBrowser, clerk, type SignedIn, ticketOf } from './clerk.ts';

const { frontendApiUrl, allowedOrigin } = inject('stack');

const actor = { sub: 'user_support', reason: 'SUP-1', nested: { camelCase: true } };
const SIGNED_OUT = { actor: null, userId: null, sessionId: null, sessionClaims: null, isAuthenticated: false };
const PAGE = { 'sec-fetch-dest': 'document', accept: 'text/html' };
const DATA = { 'sec-fetch-dest': 'empty' };
// The client adds the reason why it did not try to refresh the token.
const EXPIRED = expect.stringMatching(/^session-token-expired-/);
let signedIn: SignedIn;

beforeAll(async () => {
  signedIn = await aSignedInBrowser({ actor });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Returns a request as it reaches the customer's own server. */
function request(headers: Readonly<Record<string, string>>): Request {
  return new Request(`${allowedOrigin}/orders`, { headers });
}

function withBearer(jwt: string): Request {
  return request({ authorization: `Bearer ${jwt}` });
}

/** Returns a request with the browser's cookies and those that clerk-js writes, without the client's, which only the API's host gets. */
function withCookies(browser: HttpBrowser, written: Readonly<Record<string, string>>, headers = {}): Request {
  const cookies = { ...Object.fromEntries(browser.cookies), ...written };
  const pairs = Object.entries(cookies).filter(([name]) => !/^__(Host-)?client(_hash)?$/.test(name));
  return request({ cookie: pairs.map(([name, value]) => `${name}=${value}`).join('; '), ...headers });
}

/** Returns the suffixed name of a cookie, with the suffix of the `__client_uat` that the API has set. */
function suffixed(name: string, browser: HttpBrowser): string {
  const uat = [...browser.cookies.keys()].find((each) => each.startsWith('__client_uat_'));
  return uat?.replace('__client_uat', name) ?? expect.fail('There is no suffixed __client_uat cookie.');
}

async function authenticated(of: Request, options: Parameters<typeof clerk.authenticateRequest>[1] = {}) {
  const { status, reason, headers, toAuth } = await clerk.authenticateRequest(of, options);
  return { status, reason, auth: toAuth(), location: headers.get('location') };
}

function impersonated({ userId, sessionId }: SignedIn) {
  return {
    status: 'signed-in',
    auth: {
      isAuthenticated: true,
      tokenType: 'session_token',
      actor,
      userId,
      sessionId,
      sessionStatus: 'active',
      factorVerificationAge: [0, -1],
      sessionClaims: { act: actor, sub: userId, sid: sessionId, iss: frontendApiUrl, azp: allowedOrigin },
    },
  };
}

describe('a publishable key of the kind of Clerk’s development instances', () => {
  const { publishableKey } = inject('stack');
  const development = { publishableKey: publishableKey.replace('pk_live_', 'pk_test_') };
  const atUrl = (of: Request, path: string) => new Request(new URL(path, of.url), of);

  test('a session in a cookie is refused without a cookie that only Clerk’s own hosts get', async () => {
    const cookies = { __session: signedIn.sessionToken };

    const [page, data, live] = [
      await authenticated(withCookies(signedIn.browser, cookies, PAGE), development),
      await authenticated(withCookies(signedIn.browser, cookies, DATA), development),
      await authenticated(withCookies(signedIn.browser, cookies, DATA)),
    ];

    expect(live).toMatchObject({ status: 'signed-in' });
    expect(page).toMatchObject({ status: 'handshake', reason: 'dev-browser-missing' });
    expect(data).toMatchObject({ status: 'signed-out', reason: 'dev-browser-missing' });
  });

  test('a page leads wherever its address says', async () => {
    const page = atUrl(request(PAGE), '/orders?__clerk_redirect_url=https://elsewhere.example/');

    expect((await authenticated(page, development)).location).toMatch(/^https:\/\/elsewhere\.example\//);
    expect((await authenticated(page)).location).toBeNull();
  });
});

describe('a request with a session token in its Authorization header', () => {
  test('a request with a session token is signed in as the target, and names the actor', async () => {
    const state = await authenticated(withBearer(signedIn.sessionToken));

    expect(state).toMatchObject(impersonated(signedIn));
  });

  test('a request with a session token can fetch the next one with the secret key', async () => {
    const { auth } = await authenticated(withBearer(signedIn.sessionToken));

    const next = await auth?.getToken();

    expect(await authenticated(withBearer(next ?? ''))).toMatchObject({
      status: 'signed-in',
      auth: { actor, sessionId: signedIn.sessionId },
    });
  });

  test('a request with a session token is signed in for an authorized party only', async () => {
    const bearer = withBearer(signedIn.sessionToken);

    const own = await authenticated(bearer, { authorizedParties: [allowedOrigin] });
    const foreign = await authenticated(bearer, { authorizedParties: ['https://app.example.com'] });

    expect(own).toMatchObject(impersonated(signedIn));
    expect(foreign).toMatchObject({
      status: 'signed-out',
      reason: 'token-invalid-authorized-parties',
      auth: SIGNED_OUT,
    });
  });

  test('a request with an expired session token is signed out', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 66_000);

    const state = await authenticated(withBearer(signedIn.sessionToken));

    expect(state).toMatchObject({ status: 'signed-out', reason: EXPIRED, auth: SIGNED_OUT, location: null });
  });

  test('a request with a ticket in its Authorization header is signed out', async () => {
    const ticket = ticketOf(await aPendingActorToken());

    const state = await authenticated(withBearer(ticket));

    expect(state).toMatchObject({ status: 'signed-out', reason: 'jwk-kid-mismatch', auth: SIGNED_OUT });
  });
});

describe('a request with the cookies of an impersonating browser', () => {
  test.each([
    ['named as published', () => ({ __session: signedIn.sessionToken })],
    [
      'with both names',
      () => ({ __session: signedIn.sessionToken, [suffixed('__session', signedIn.browser)]: signedIn.sessionToken }),
    ],
  ])('cookies %s sign a request in as the target, and name the actor', async (_name, writtenOf) => {
    const state = await authenticated(withCookies(signedIn.browser, writtenOf()));

    expect(state).toMatchObject(impersonated(signedIn));
  });

  test('suffixed cookies alone sign a request in, beside the cookies of another instance', async () => {
    const foreign = { __session: '', __client_uat: '0' };

    const state = await authenticated(
      withCookies(signedIn.browser, { ...foreign, [suffixed('__session', signedIn.browser)]: signedIn.sessionToken }),
    );

    expect(state).toMatchObject(impersonated(signedIn));
  });

  test('a session token from before the latest sign-in does not sign a request in', async () => {
    const uat = String(Math.floor(Date.now() / 1000) + 60);
    const later = { __client_uat: uat, [suffixed('__client_uat', signedIn.browser)]: uat };

    const state = await authenticated(
      withCookies(signedIn.browser, { __session: signedIn.sessionToken, ...later }, DATA),
    );

    expect(state).toMatchObject({
      status: 'signed-out',
      reason: 'session-token-iat-before-client-uat',
      auth: SIGNED_OUT,
    });
  });

  test('the cookies of a new sign-in replace the sign-in before', async () => {
    const first = await aSignedInBrowser({ actor });
    const second = await aSignedInBrowser({ actor: { sub: 'user_other' } }, first.browser);

    const state = await authenticated(withCookies(second.browser, { __session: second.sessionToken }));

    expect(state.auth).toMatchObject({ actor: { sub: 'user_other' }, sessionId: second.sessionId });
  });

  test('a page, and nothing else, gets a handshake when the session token is missing or expired', async () => {
    const { browser, sessionToken } = signedIn;
    const handshake = new RegExp(`^https://${new URL(frontendApiUrl).host}/v1/client/handshake\\?`);

    const missing = await authenticated(withCookies(browser, {}, PAGE));
    const missingInFetch = await authenticated(withCookies(browser, {}, DATA));
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 66_000);
    const expired = await authenticated(withCookies(browser, { __session: sessionToken }, PAGE));

    expect(missing).toMatchObject({ status: 'handshake', reason: 'client-uat-but-no-session-token', auth: null });
    expect(missing.location).toMatch(handshake);
    expect(missingInFetch).toMatchObject({ status: 'signed-out', auth: SIGNED_OUT, location: null });
    expect(expired).toMatchObject({
      status: 'handshake',
      reason: EXPIRED,
      auth: null,
    });
    expect(expired.location).toMatch(handshake);
  });

  test('a ticket in place of the session token signs a request out', async () => {
    const ticket = ticketOf(await aPendingActorToken());

    for (const name of ['__session', suffixed('__session', signedIn.browser)]) {
      const state = await authenticated(withCookies(signedIn.browser, { [name]: ticket }));

      expect(state).toMatchObject({ status: 'signed-out', auth: SIGNED_OUT });
    }
  });
});

describe('after the browser has signed out, a request', () => {
  let left: SignedIn;

  beforeAll(async () => {
    left = await aSignedInBrowser({ actor });
    const answer = await left.browser.signOut();
    expect(answer.status).toBe(200);
  });

  test('after a sign-out the remaining cookies sign a request out, for pages and for data', async () => {
    for (const headers of [PAGE, DATA]) {
      const state = await authenticated(withCookies(left.browser, {}, headers));

      expect(state).toMatchObject({
        status: 'signed-out',
        reason: 'session-token-and-uat-missing',
        auth: SIGNED_OUT,
        location: null,
      });
    }
  });

  test('after a sign-out a left-over session token gets a handshake for a page, and is refused for data', async () => {
    const name = suffixed('__session', left.browser);
    const leftOver = { __session: left.sessionToken, [name]: left.sessionToken };

    const page = await authenticated(withCookies(left.browser, leftOver, PAGE));
    const data = await authenticated(withCookies(left.browser, leftOver, DATA));

    expect(page).toMatchObject({ status: 'handshake', reason: 'session-token-but-no-client-uat', auth: null });
    expect(data).toMatchObject({ status: 'signed-out', reason: 'session-token-but-no-client-uat', auth: SIGNED_OUT });
  });

  test('after a sign-out a request gets no further session token', async () => {
    const refused = await left.browser.post(`/v1/client/sessions/${left.sessionId}/tokens`);

    expect(refused.status).toBe(401);
    await expect(clerk.sessions.getSession(left.sessionId)).resolves.toMatchObject({ status: 'removed' });
  });
});
