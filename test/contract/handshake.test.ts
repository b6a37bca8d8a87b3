import { createPublicKey, type JsonWebKey, randomUUID, verify } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { limits } from '../../shared/base/limits.ts';
import { Browser } from '../support/browser.ts';
import { noon, setClock, startAtNoon } from '../support/clock.ts';
import { SUFFIX } from '../support/expected.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { call, callBackend, startApi, type TestAnswer, testInstance } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { storedItem } from '../support/stored.ts';

const { allowedOrigin, baseUrl } = inject('stack');
const page = `${allowedOrigin}/account?tab=1`;

startAtNoon();

function shake(browser: Browser, redirectUrl = page): Promise<TestAnswer> {
  return browser.get(
    `/v1/client/handshake?redirect_url=${encodeURIComponent(redirectUrl)}&format=nonce&suffixed_cookies=false&__session=ignored`,
  );
}

function decoded(segment = ''): Record<string, unknown> {
  return JSON.parse(Buffer.from(segment, 'base64url').toString());
}

/** Verifies the payload with the published keys, and returns the cookies that the page's server would set. */
async function handedOver(answer: TestAnswer): Promise<readonly string[]> {
  const jwt = /^__clerk_handshake=([^;]+);/.exec(answer.cookies[0] ?? '')?.[1] ?? '';
  const [header, payload, signature = ''] = jwt.split('.');
  const { keys } = (await call({ path: '/.well-known/jwks.json' })).json as { keys: (JsonWebKey & { kid: string })[] };
  const jwk = keys.find(({ kid }) => kid === decoded(header).kid);
  const key = createPublicKey({ key: jwk ?? {}, format: 'jwk' });
  expect(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
  expect(decoded(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: jwk?.kid });
  expect(decoded(payload)).not.toHaveProperty('sub');
  expect(decoded(payload)).toMatchObject({ exp: Number(decoded(payload).iat) + 60 });
  return decoded(payload).handshake as string[];
}

function cookieValue(lines: readonly string[], name: string): string | undefined {
  return lines
    .find((line) => line.startsWith(`${name}=`))
    ?.slice(name.length + 1)
    .split(';')[0];
}

describe('a page whose session token has expired gets its browser back', () => {
  test('a handshake returns a fresh session token and the time of the sign-in', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    setClock(noon + 300_000);

    const answer = await shake(browser);

    expect(answer.status).toBe(307);
    expect(answer.headers).toMatchObject({
      location: page,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    expect(answer.cookies).toHaveLength(1);
    expect(answer.cookies[0]).toMatch(/; Path=\/; Max-Age=10; HttpOnly; Secure; SameSite=Lax$/);
    const lines = await handedOver(answer);
    const token = cookieValue(lines, `__session_${SUFFIX}`) ?? '';
    expect(decoded(token.split('.')[1])).toMatchObject({
      sid: sessionId,
      iat: (noon + 300_000) / 1000,
      azp: allowedOrigin,
    });
    expect(cookieValue(lines, '__session')).toBeUndefined();
    expect(cookieValue(lines, `__client_uat_${SUFFIX}`)).toBe(String(noon / 1000));
    expect(cookieValue(lines, '__clerk_handshake')).toBe('');
  });

  test('a handshake uses the plain cookie names when the server knows no others', async () => {
    const { browser, sessionId } = await aSignedInBrowser();

    const answer = await browser.get(`/v1/client/handshake?redirect_url=${encodeURIComponent(page)}`);

    const lines = await handedOver(answer);
    expect(decoded(cookieValue(lines, '__session')?.split('.')[1])).toMatchObject({ sid: sessionId });
    expect(cookieValue(lines, '__client_uat')).toBe(String(noon / 1000));
    expect(cookieValue(lines, `__session_${SUFFIX}`)).toBeUndefined();
  });

  test('a handshake fits in a cookie that browsers keep, also for the largest actor and external id', async () => {
    const rest = limits.actorBytes - JSON.stringify({ sub: 'a', x: '' }).length;
    const user_id = await aUser({ external_id: randomUUID().padEnd(limits.externalIdBytes, 'x') });
    const { browser } = await aSignedInBrowser({ user_id, actor: { sub: 'a', x: 'x'.repeat(rest) } });

    const [cookie = ''] = (await shake(browser)).cookies;

    const [pair = ''] = cookie.split(';');
    // Issuer and origin may together be longer than those of the test by this many characters.
    const longerNames = 40;
    // A claim that says in what mode the actor acts has room.
    const mode = '"act_mode":"read_only",'.length;
    expect(pair.length + Math.ceil(((longerNames + mode) * 16) / 9)).toBeLessThanOrEqual(4096);
  });

  test('a handshake does not count as activity', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    setClock(noon + 300_000);

    await shake(browser);

    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({ last_active_at: noon });
  });

  test.for([
    { why: 'has no cookie', given: async () => new Browser() },
    {
      why: 'was signed out by the backend',
      given: async () => {
        const { browser, sessionId } = await aSignedInBrowser();
        await callBackend('POST', `/v1/sessions/${sessionId}/revoke`);
        return browser;
      },
    },
    {
      why: 'was idle too long',
      given: async () => {
        const { browser } = await aSignedInBrowser();
        setClock(noon + 600_000);
        return browser;
      },
    },
    {
      why: 'holds an old cookie',
      given: async () => {
        const { browser } = await aSignedInBrowser();
        const stale = browser.clone();
        await aSignedInBrowser({}, browser);
        return stale;
      },
    },
    {
      why: 'is signed in as a user who was banned',
      given: async () => {
        const { browser, userId } = await aSignedInBrowser();
        await callBackend('POST', `/v1/users/${userId}/ban`);
        return browser;
      },
    },
  ])('a handshake returns signed out when the browser $why', async ({ given }) => {
    const browser = await given();

    const answer = await shake(browser);

    expect(answer.status).toBe(307);
    const lines = await handedOver(answer);
    expect(lines.map((line) => cookieValue([line], line.split('=')[0] ?? ''))).toEqual(['', '', '0', '0', '']);
    expect(lines.slice(0, 2).every((line) => line.includes('Max-Age=0'))).toBe(true);
  });
});

describe('a handshake leads to pages of allowed origins alone', () => {
  test('a handshake leads to pages of allowed origins and of the Frontend API', async () => {
    const answer = await shake(new Browser(), `${baseUrl}/x`);

    expect(answer.headers).toMatchObject({ location: `${baseUrl}/x` });
  });

  test('a handshake leads to the sign-in page of a link, with the ticket and the longest redirect_url in its query', async () => {
    const signInPage = new URL('/sign-in', allowedOrigin);
    signInPage.searchParams.set('__clerk_ticket', (await aPendingActorToken()).ticket);
    const link = `${allowedOrigin}/`;
    signInPage.searchParams.set('redirect_url', link.padEnd(limits.redirectUrlBytes, 'x'));

    const answer = await shake(new Browser(), signInPage.href);

    expect(answer.headers).toMatchObject({ location: signInPage.href });
  });

  test.for([
    'https://evil.example/',
    `${allowedOrigin}.evil.example/`,
    `${allowedOrigin.replace('//', '//user@')}/`,
    `https://evil.example\\@${new URL(allowedOrigin).host}/`,
    '//127.0.0.1:5173/',
    '/account',
    'javascript:alert(1)',
    `${allowedOrigin}/a b`,
    `${allowedOrigin}/${'x'.repeat(limits.handshakeRedirectUrlBytes)}`,
    '',
  ])('a handshake does not lead to %j', async (url) => {
    const { browser } = await aSignedInBrowser();

    const answer = await shake(browser, url);

    expect(outcome(answer)).toEqual(refusal(400, 'invalid_handshake'));
    expect(answer.cookies).toEqual([]);
    expect(answer.headers).not.toHaveProperty('location');
  });

  test('a handshake without a redirect_url is refused', async () => {
    expect(outcome(await call({ path: '/v1/client/handshake' }))).toEqual(refusal(400, 'invalid_handshake'));
  });
});

describe('a handshake is a navigation of the top window', () => {
  const path = `/v1/client/handshake?redirect_url=${encodeURIComponent(page)}`;

  test.for([
    { 'sec-fetch-dest': 'empty' },
    { 'sec-fetch-dest': 'iframe' },
    { 'sec-fetch-dest': 'frame' },
    { 'sec-fetch-dest': 'image' },
    { 'sec-fetch-dest': 'script' },
    { 'sec-fetch-dest': 'document', 'sec-purpose': 'prefetch' },
    { 'sec-fetch-dest': 'document', 'sec-purpose': 'prefetch;prerender' },
    { purpose: 'prefetch' },
  ])('a signed-in browser gets no handshake with %j', async (headers) => {
    const { browser } = await aSignedInBrowser();

    const answer = await browser.get(path, headers);

    expect(outcome(answer)).toEqual(refusal(403, 'not_allowed_access'));
    expect(answer.cookies).toEqual([]);
  });

  test.for([
    {},
    { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' },
    { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'same-origin' },
  ])('a signed-in browser gets a handshake with %j', async (headers) => {
    const { browser } = await aSignedInBrowser();

    const answer = await browser.get(path, headers);

    expect(answer.status).toBe(307);
    expect(await handedOver(answer)).toEqual(expect.arrayContaining([expect.stringMatching(/^__session=ey/)]));
  });

  test('a handshake can be switched off', async () => {
    const off = startApi(testInstance({ HANDSHAKE: 'false' }));

    const answer = await off.call({ path });

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
    expect(answer.json.errors[0].long_message).toContain('switched off');
    expect(answer.cookies).toEqual([]);
  });
});
