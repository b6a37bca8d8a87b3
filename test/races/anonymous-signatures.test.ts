// A caller who proves nothing costs no signature of KMS, of which an account has a limited number per second. The throttles are
// configured for the signatures that all others cost.
import { describe, expect, inject, test } from 'vitest';
import { SIGNATURES_PER_ROUND } from '../../cdk/config/contradictions.ts';
import { routes } from '../../functions/routes.ts';
import { Browser } from '../support/browser.ts';
import { MINUTE, noon, SECOND, setClock, startAtNoon } from '../support/clock.ts';
import { pathToNobody } from '../support/every-operation.ts';
import { startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser, aUser, plantedCookie } from '../support/given.ts';
import { call, callBackend, startApi, type TestAnswer, testInstance } from '../support/http.ts';

const { allowedOrigin } = inject('stack');
const { kms } = await startFaults();

startAtNoon();

async function signaturesOf<Result>(act: () => Promise<Result>) {
  const { result, requests } = await kms.watch(act);
  return { result, signatures: requests.filter(({ operation }) => operation === 'Sign').length };
}

function shake(cookies: readonly string[], suffix = ''): Promise<TestAnswer> {
  const redirectUrl = encodeURIComponent(`${allowedOrigin}/account`);
  return call({ path: `/v1/client/handshake?redirect_url=${redirectUrl}${suffix}`, cookies });
}

/** The cookies of browsers that are not signed in: none, garbage, unknown, stale, signed out. */
async function unprovedCookies(): Promise<readonly (readonly string[])[]> {
  const [{ browser }, signedOut] = await Promise.all([aSignedInBrowser(), aSignedInBrowser()]);
  const stale = browser.cookies;
  await aSignedInBrowser({}, browser);
  await callBackend('POST', `/v1/sessions/${signedOut.sessionId}/revoke`);
  return [[], ['__Host-client=garbage'], [plantedCookie], stale, signedOut.browser.cookies];
}

describe('a flood of handshakes', () => {
  const start = noon + 10 * MINUTE;

  test('handshakes of browsers that prove nothing share one signature in 30 seconds', async () => {
    const unproved = await unprovedCookies();
    const flood = async (at: number) => {
      setClock(at);
      return Promise.all(
        unproved.flatMap((cookies) => Array.from({ length: 10 }, () => shake(cookies, '&suffixed_cookies=true'))),
      );
    };

    const first = await signaturesOf(() => flood(start));
    const later = await signaturesOf(() => flood(start + 30 * SECOND - 1));
    const next = await signaturesOf(() => flood(start + 30 * SECOND));

    expect([first, later, next].map(({ signatures }) => signatures)).toEqual([1, 0, 1]);
    for (const { result } of [first, later, next]) {
      expect(new Set(result.map(({ status }) => status))).toEqual(new Set([307]));
      expect(new Set(result.flatMap(({ cookies }) => cookies)).size).toBe(1);
    }
    expect(later.result[0]?.cookies).toEqual(first.result[0]?.cookies);
    expect(next.result[0]?.cookies).not.toEqual(first.result[0]?.cookies);
  });

  test('a handshake of a signed-in browser has signatures of its own', async () => {
    setClock(start + 5 * MINUTE);
    const { browser } = await aSignedInBrowser();
    await shake([]);

    const { signatures } = await signaturesOf(() => shake(browser.cookies));

    expect(signatures).toBe(2);
  });

  test('a failure of KMS is kept for two seconds', async () => {
    setClock(start + 10 * MINUTE);
    const hurt = kms.hurt({ operation: 'Sign' }, ({ answer }) =>
      answer({ status: 400, headers: {}, body: Buffer.from('{"__type":"KMSInvalidStateException"}') }),
    );

    const refused = [await shake([])];
    const { hits } = hurt;
    refused.push(await shake([]));
    setClock(start + 10 * MINUTE + 2 * SECOND - 1);
    refused.push(await shake([]));
    kms.heal();
    setClock(start + 10 * MINUTE + 2 * SECOND);
    const recovered = await shake([]);

    expect(refused.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(hits).toBeGreaterThan(0);
    expect(hurt.hits).toBe(hits);
    expect(recovered.status).toBe(307);
  });
});

test.for(routes.filter(({ operation }) => operation !== 'Handshake'))(
  '$operation signs nothing for a caller who proves nothing',
  async (route) => {
    const path = pathToNobody(route.path);
    const query = '_clerk_js_version=6&ticket=x.y.z';
    const body = route.form ? 'strategy=ticket&ticket=x.y.z' : '{}';
    const type = route.form ? 'application/x-www-form-urlencoded' : 'application/json';
    const request = { method: route.method, path: `${path}?${query}`, headers: { 'content-type': type }, body };

    const { signatures } = await signaturesOf(async () => {
      for (const cookies of [[], [plantedCookie]]) await call({ ...request, cookies });
      await call({ ...request, headers: { ...request.headers, authorization: `Bearer sk_live_${'0'.repeat(43)}` } });
    });

    expect(signatures).toBe(0);
  },
);

test('a browser that is signed out gets no session token, whatever it requests', async () => {
  const { browser, sessionId } = await aSignedInBrowser();
  await browser.send('DELETE', '/v1/client/sessions');

  const { signatures } = await signaturesOf(async () => {
    await browser.get('/v1/client?_clerk_js_version=6');
    await browser.post(`/v1/client/sessions/${sessionId}/tokens`);
    await browser.post(`/v1/client/sessions/${sessionId}/touch`);
    await new Browser().get('/v1/client?_clerk_js_version=6');
  });

  expect(signatures).toBe(0);
});

test('the throttles are configured for the signatures that one request to each route costs', async () => {
  const [userId, { browser, sessionId }] = await Promise.all([aUser(), aSignedInBrowser()]);
  const [clicked, redeemed] = [await aPendingActorToken(), await aPendingActorToken()];
  // With a sign-in page configured, the button of the accept page signs nothing.
  const withoutSignInPage = startApi(testInstance({ SIGN_IN_URL: '' }));
  const requests: readonly (() => Promise<TestAnswer>)[] = [
    () => callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor: { sub: 'support_1' } }),
    () => callBackend('POST', `/v1/sessions/${sessionId}/tokens`),
    () => browser.get('/v1/client?_clerk_js_version=6'),
    () => browser.post(`/v1/client/sessions/${sessionId}/tokens`),
    () => browser.post(`/v1/client/sessions/${sessionId}/touch`),
    () => shake(browser.cookies),
    () => new Browser(withoutSignInPage).accept(clicked.ticket),
    () => new Browser().redeem(redeemed.ticket),
  ];

  const answers = [];
  for (const request of requests) answers.push(await signaturesOf(request));

  expect(answers.map(({ result }) => result.status)).toEqual([200, 200, 200, 200, 200, 307, 200, 200]);
  expect(answers.map(({ signatures }) => signatures)).toEqual([1, 1, 1, 1, 1, 2, 1, 1]);
  expect(answers.reduce((sum, { signatures }) => sum + signatures, 0)).toBe(SIGNATURES_PER_ROUND);
});
