// The button of the accept page: `POST /v1/tickets/accept`, as the page's form sends it.
import { afterEach, describe, expect, inject, test, vi } from 'vitest';
import { Browser } from '../support/browser.ts';
import { noon, SECOND, setClock, startAtNoon } from '../support/clock.ts';
import { throttling } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser, plantedCookie } from '../support/given.ts';
import { callBackend, startApi, type TestAnswer, testInstance } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { refusedTickets } from '../support/refused-tickets.ts';
import { itemsWith } from '../support/scan.ts';
import { storedItem } from '../support/stored.ts';

const { dynamodb } = await startFaults();
const withoutSignInPage = startApi(testInstance({ SIGN_IN_URL: '' }));
const withSignInPage = startApi(testInstance());
const { allowedOrigin, environment } = inject('stack');
const signInUrl = environment.SIGN_IN_URL ?? '';
const ownOrigin = new URL(environment.FRONTEND_API_URL ?? '').origin;
const asPerson = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

startAtNoon();
afterEach(() => dynamodb.heal());

/** The two kinds of deployment. */
const deployments = [
  ['without a sign-in page', withoutSignInPage],
  ['with a sign-in page', withSignInPage],
] as const;

async function statusOf(actorTokenId: string): Promise<string> {
  return String((await storedItem('ACTOR_TOKENS', { id: actorTokenId }))?.status);
}

async function sessionStatus(sessionId: string): Promise<string> {
  return (await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status;
}

/** A browser that is signed in, and that calls this API from now on. */
async function aSignedInBrowserOf(api: typeof withSignInPage) {
  return aSignedInBrowser({}, new Browser(api));
}

function heading({ text }: TestAnswer): string {
  return /<h1>(.*?)<\/h1>/s.exec(text)?.[1]?.replace(/<[^>]*>/g, '') ?? '';
}

describe('the button, where the app has no sign-in page,', () => {
  test('signs this browser in, and says so on a page', async () => {
    const { ticket, id, userId } = await aPendingActorToken({ session_max_duration_in_seconds: 1800 });
    const browser = new Browser(withoutSignInPage);

    const answer = await browser.accept(ticket, asPerson);

    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(heading(answer)).toBe('Signed in as Target');
    expect(answer.text).toContain('<time datetime="2023-11-14T22:43:20.000Z">14 November 2023 at 22:43 UTC</time>');
    expect(answer.text).toContain('or earlier, after 10 minutes without activity');
    expect(answer.text).toContain('You can close this page and open the app in this browser.');
    expect(answer.text).not.toContain(ticket);
    expect((await browser.get('/v1/client')).json.response.sessions).toMatchObject([{ status: 'active' }]);
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'accepted' });
    expect(await itemsWith('SESSIONS', { user_id: userId })).toMatchObject([{ origin: ownOrigin }]);
  });

  test('sets the cookies of a sign-in', async () => {
    const { ticket } = await aPendingActorToken();

    const { cookies } = await new Browser(withoutSignInPage).accept(ticket, asPerson);

    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual([
      expect.stringMatching(/client$/),
      '__client_uat',
      expect.stringMatching(/^__client_uat_/),
    ]);
  });

  test('replaces the session of this browser', async () => {
    const { browser, sessionId } = await aSignedInBrowserOf(withoutSignInPage);
    const { ticket } = await aPendingActorToken();

    await browser.accept(ticket, asPerson);

    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({
      end_status: 'removed',
      end_cause: 'sign_in',
    });
    expect((await browser.get('/v1/client')).json.response.sessions).toHaveLength(1);
  });

  test('refuses a cookie that a later sign-in replaced, and offers another attempt', async () => {
    const { browser } = await aSignedInBrowserOf(withoutSignInPage);
    const stale = browser.clone();
    await browser.accept((await aPendingActorToken()).ticket);
    const { ticket, id } = await aPendingActorToken();

    const soon = await stale.accept(ticket, asPerson);
    setClock(noon + 60 * SECOND);
    const code = outcome(await stale.clone().accept(ticket));
    const later = await stale.accept(ticket, asPerson);

    expect(code).toEqual(refusal(401, 'authentication_invalid'));
    expect([soon.status, later.status]).toEqual([401, 401]);
    expect(soon.cookies).toEqual([]);
    expect(later.cookies).toContainEqual(expect.stringMatching(/client=;.*Max-Age=0/));
    expect(later.text).toContain(
      `<form method="post" action="accept">\n<input type="hidden" name="ticket" value="${ticket}">`,
    );
    expect(await statusOf(id)).toBe('pending');
    expect(heading(await stale.accept(ticket, asPerson))).toBe('Signed in as Target');
  });
});

describe('the button, where the app has a sign-in page,', () => {
  function locationWith(params: Readonly<Record<string, string>>): string {
    const url = new URL(signInUrl);
    for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
    return url.href;
  }

  test('redirects to it with the ticket, which stays pending', async () => {
    const { ticket, id } = await aPendingActorToken();

    const answer = await new Browser(withSignInPage).accept(ticket, asPerson);

    expect(answer).toMatchObject({ status: 303, text: '', cookies: [] });
    expect(answer.headers).toMatchObject({
      location: locationWith({ __clerk_ticket: ticket, __clerk_status: 'sign_in' }),
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(await statusOf(id)).toBe('pending');
    expect((await new Browser().redeem(ticket)).status).toBe(200);
  });

  test('ends the session of this browser first', async () => {
    const { browser, sessionId } = await aSignedInBrowserOf(withSignInPage);
    const { ticket } = await aPendingActorToken();

    const answer = await browser.accept(ticket, asPerson);

    expect(answer.status).toBe(303);
    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({
      end_status: 'removed',
      end_cause: 'sign_out',
      ended_from: '192.0.2.1',
    });
    expect(answer.cookies.map((cookie) => cookie.split(';')[0])).toEqual([
      '__client_uat=0',
      expect.stringMatching(/^__client_uat_.*=0$/),
    ]);
    expect((await browser.get('/v1/client')).json.response.sessions).toEqual([]);
    expect((await browser.redeem(ticket)).status).toBe(200);
  });

  test('leads on with redirect_url, if its origin is allowed', async () => {
    const redirect_url = `${allowedOrigin}/orders?id=7`;
    const [first, second] = [await aPendingActorToken(), await aPendingActorToken()];

    const kept = await new Browser(withSignInPage).accept(first.ticket, {}, { redirect_url });
    const dropped = await new Browser(withSignInPage).accept(
      second.ticket,
      {},
      { redirect_url: 'https://evil.example' },
    );

    const params = { __clerk_status: 'sign_in' };
    expect(kept.headers.location).toBe(locationWith({ __clerk_ticket: first.ticket, ...params, redirect_url }));
    expect(dropped.headers.location).toBe(locationWith({ __clerk_ticket: second.ticket, ...params }));
  });

  test('leads on to the page of the app, where the link names none', async () => {
    const api = startApi(testInstance({ APP_URL: `${allowedOrigin}/start` }));
    const { ticket } = await aPendingActorToken();

    const answer = await new Browser(api).accept(ticket);

    const params = { __clerk_ticket: ticket, __clerk_status: 'sign_in', redirect_url: `${allowedOrigin}/start` };
    expect(answer.headers.location).toBe(locationWith(params));
  });

  test('leads to the configured page, whatever the request names', async () => {
    const { ticket } = await aPendingActorToken();
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };

    const answer = await new Browser(withSignInPage).accept(ticket, headers);

    expect(answer.headers.location?.startsWith(`${signInUrl}?`)).toBe(true);
    expect(answer.headers.location).not.toContain('evil');
  });

  /** Presses the button with these cookies, as a browser may send them that has more than one. */
  async function press(cookies: readonly string[]): Promise<TestAnswer> {
    const { ticket } = await aPendingActorToken();
    const headers = { origin: ownOrigin, 'content-type': 'application/x-www-form-urlencoded' };
    const body = `ticket=${ticket}`;
    return withSignInPage.call({ method: 'POST', path: '/v1/tickets/accept', headers, cookies, body });
  }

  test('ends the session that one of two cookies proves', async () => {
    const { browser, sessionId } = await aSignedInBrowserOf(withSignInPage);

    const answer = await press([plantedCookie, ...browser.cookies]);

    expect(answer.status).toBe(303);
    expect(await sessionStatus(sessionId)).toBe('removed');
  });

  test.each([
    ['is unknown', async () => ({ cookies: [plantedCookie] })],
    ['contradicts another', async () => ({ cookies: [plantedCookie, plantedCookie.replace('client_0', 'client_1')] })],
    [
      'was replaced by a later sign-in',
      async () => {
        const { browser } = await aSignedInBrowserOf(withSignInPage);
        const { cookies } = browser.clone();
        const { sessionId } = await aSignedInBrowser({}, browser);
        return { cookies, sessionId };
      },
    ],
    [
      'is that of another browser without its secret',
      async () => {
        const { browser, sessionId } = await aSignedInBrowserOf(withSignInPage);
        const [clientId = ''] = browser.cookie('__Host-client')?.split('.') ?? [];
        return { cookies: [plantedCookie.replace(/client_0+/, clientId)], sessionId };
      },
    ],
  ])('ends nothing for a cookie that %s, and leads on', async (_, given) => {
    const { cookies, sessionId }: { cookies: readonly string[]; sessionId?: string } = await given();

    const answer = await press(cookies);

    expect(answer).toMatchObject({ status: 303, cookies: [] });
    if (sessionId) expect(await sessionStatus(sessionId)).toBe('active');
  });
});

describe('a ticket that is refused ends no session', () => {
  describe.each(deployments)('%s', (_deployment, api) => {
    test.each(refusedTickets)('that $what', async ({ status, code, heading: words, given }) => {
      const { browser, sessionId } = await aSignedInBrowserOf(api);
      const ticket = await given();

      const toPeople = await browser.accept(ticket, asPerson);
      const toPrograms = await browser.accept(ticket);

      expect([toPeople.status, heading(toPeople)]).toEqual([status, words]);
      expect(toPeople.text).not.toContain('<button');
      expect(outcome(toPrograms)).toEqual(refusal(status, code));
      expect([...toPeople.cookies, ...toPrograms.cookies]).toEqual([]);
      expect(await sessionStatus(sessionId)).toBe('active');
      expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(200);
    });

    test('that is given twice', async () => {
      const { browser, sessionId } = await aSignedInBrowserOf(api);
      const { ticket } = await aPendingActorToken();
      const headers = { origin: ownOrigin, 'content-type': 'application/x-www-form-urlencoded' };
      const body = `ticket=${ticket}&ticket=${ticket}`;
      const path = '/v1/tickets/accept';

      const answer = await api.call({ method: 'POST', path, headers, cookies: browser.cookies, body });

      expect(outcome(answer)).toEqual(refusal(422, ['form_param_duplicate', 'ticket']));
      expect(await sessionStatus(sessionId)).toBe('active');
    });

    test('while a table does not answer, and the page offers another attempt', async () => {
      const { browser, sessionId } = await aSignedInBrowserOf(api);
      const { ticket, id } = await aPendingActorToken();
      const redirect_url = `${allowedOrigin}/orders`;
      dynamodb.hurt(requestsOf('GetItem', 'ACTOR_TOKENS', id), throttling);

      const busy = await browser.accept(ticket, asPerson, { redirect_url });
      const open = await api.call({
        path: `/v1/tickets/accept?ticket=${ticket}&redirect_url=${redirect_url}`,
        headers: asPerson,
      });
      dynamodb.heal();

      for (const [answer, method] of [
        [busy, 'post'],
        [open, 'get'],
      ] as const) {
        expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
        expect(heading(answer)).toBe('This did not work');
        expect(answer.text).toContain(
          `<form method="${method}" action="accept">\n<input type="hidden" name="ticket" value="${ticket}">\n` +
            `<input type="hidden" name="redirect_url" value="${redirect_url}">\n<button type="submit">Try again</button>`,
        );
      }
      expect(await sessionStatus(sessionId)).toBe('active');
      expect((await browser.accept(ticket, asPerson)).status).toBeLessThan(400);
    });
  });
});

describe('only a page of the Frontend API presses the button', () => {
  const { port } = new URL(ownOrigin);
  const foreign: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['from a foreign page', { origin: 'https://evil.example' }],
    ['from a page of the app', { origin: allowedOrigin }],
    ['from a page that hides its origin', { origin: 'null' }],
    ['without an origin', { origin: '' }],
    ['with two origins', { origin: `${ownOrigin}, ${ownOrigin}` }],
    ['from another scheme', { origin: ownOrigin.replace('http:', 'https:') }],
    ['from another port', { origin: ownOrigin.replace(`:${port}`, '') }],
    ['from a host below', { origin: ownOrigin.replace('http://', 'http://evil.') }],
    ['with a slash more', { origin: `${ownOrigin}/` }],
    ['across sites', { origin: ownOrigin, 'sec-fetch-site': 'cross-site' }],
    ['from a sibling', { origin: ownOrigin, 'sec-fetch-site': 'same-site' }],
  ];

  describe.each(deployments)('%s', (_deployment, api) => {
    test.each(foreign)('a request %s gets 403 and changes nothing', async (_, headers) => {
      const { browser, sessionId } = await aSignedInBrowserOf(api);
      const { ticket, id, userId } = await aPendingActorToken();

      const toPrograms = await browser.accept(ticket, headers);
      const toPeople = await browser.accept(ticket, { ...asPerson, ...headers });

      expect(outcome(toPrograms)).toEqual(refusal(403, 'not_allowed_access'));
      expect(toPeople.status).toBe(403);
      expect(toPeople.text).toContain('nothing was changed. Open the link and press its button.');
      expect(toPeople.text).not.toContain(ticket);
      expect(toPeople.text).not.toContain('<button');
      for (const { cookies, headers: answered } of [toPrograms, toPeople]) {
        expect(cookies).toEqual([]);
        expect(answered).not.toHaveProperty('location');
        expect(answered).not.toHaveProperty('access-control-allow-origin');
      }
      expect(await statusOf(id)).toBe('pending');
      expect(await itemsWith('SESSIONS', { user_id: userId })).toEqual([]);
      expect(await sessionStatus(sessionId)).toBe('active');
    });
  });

  test('a request of the page itself is answered, with and without Sec-Fetch-Site', async () => {
    for (const headers of [{}, { 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }]) {
      const { ticket } = await aPendingActorToken();
      expect((await new Browser(withSignInPage).accept(ticket, headers)).status).toBe(303);
    }
  });

  test('behind a path of the app, the page is on the origin of the app', async () => {
    const frontendApiUrl = `${allowedOrigin}/__clerk`;
    const api = startApi(testInstance({ FRONTEND_API_URL: frontendApiUrl }));
    const { ticket } = await aPendingActorToken();

    const refused = await new Browser(api).accept(ticket, { origin: ownOrigin });
    const answer = await new Browser(api).accept(ticket, { origin: allowedOrigin });

    expect(outcome(refused)).toEqual(refusal(403, 'not_allowed_access'));
    expect(answer.status).toBe(303);
  });
});

test('no other method presses the button', async () => {
  const { ticket, id } = await aPendingActorToken();
  const browser = new Browser(withoutSignInPage);

  const answers = [
    await browser.send('PUT', '/v1/tickets/accept', { ticket }, { origin: ownOrigin }),
    await browser.post('/v1/tickets/accept?_method=PUT', { ticket }, { origin: ownOrigin }),
    await browser.send('OPTIONS', `/v1/tickets/accept?ticket=${ticket}`),
  ];
  const head = await browser.send('HEAD', `/v1/tickets/accept?ticket=${ticket}`);

  expect(answers.map(outcome)).toEqual(Array(3).fill(refusal(405, 'method_not_allowed')));
  expect(head).toMatchObject({ status: 200, text: '', cookies: [] });
  expect(await statusOf(id)).toBe('pending');
});

test('a ticket in the query presses nothing: only the form counts', async () => {
  const { ticket, id } = await aPendingActorToken();

  const answer = await new Browser(withoutSignInPage).post(
    `/v1/tickets/accept?ticket=${ticket}`,
    {},
    { origin: ownOrigin },
  );

  expect(outcome(answer)).toEqual(refusal(400, 'ticket_invalid_code'));
  expect(await statusOf(id)).toBe('pending');
});

test('a refused link is counted, whether it is opened or its button is pressed, with the id of its actor token', async () => {
  const { ticket, id } = await aPendingActorToken();
  await new Browser().redeem(ticket);
  const written = vi.spyOn(process.stdout, 'write');

  await withSignInPage.call({ path: `/v1/tickets/accept?ticket=${ticket}` });
  await new Browser(withSignInPage).accept(ticket);
  const lines = written.mock.calls.map(([line]) => JSON.parse(String(line)));
  written.mockRestore();

  const counted = { Refused: 1, code: 'actor_token_already_used_code', actor_token_id: id };
  expect(lines).toMatchObject([
    { operation: 'ShowAcceptPage', ...counted },
    { operation: 'AcceptTicket', ...counted },
  ]);
});
