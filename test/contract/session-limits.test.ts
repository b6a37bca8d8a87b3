import { describe, expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { DAY, MINUTE, noon, SECOND, setClock, startAtNoon } from '../support/clock.ts';
import { aPendingActorToken, aSignedInBrowser, type GivenSession } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { storedItem, storeItem } from '../support/stored.ts';

startAtNoon();

async function statusesOf({ browser, sessionId }: GivenSession) {
  const seen = {
    backend: (await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status,
    client: (await browser.get('/v1/client')).json.response.sessions.length,
    read: (await browser.get(`/v1/client/sessions/${sessionId}`)).status,
    backendToken: (await callBackend('POST', `/v1/sessions/${sessionId}/tokens`)).status,
    hiddenToken: (await browser.post(`/v1/client/sessions/${sessionId}/tokens`, { tab_state: 'hidden' })).status,
  };
  return { ...seen, touch: (await browser.post(`/v1/client/sessions/${sessionId}/touch`)).status };
}

const live = { backend: 'active', client: 1, read: 200, backendToken: 200, hiddenToken: 200, touch: 200 };
const over = { backend: 'expired', client: 0, read: 401, backendToken: 404, hiddenToken: 401, touch: 401 };

describe('ten minutes without activity end a session', () => {
  test.each([
    [599_000, live],
    [599_999, live],
    [600_000, over],
    [601_000, over],
  ])('ten minutes without activity end a session: after %i ms', async (after, expected) => {
    const session = await aSignedInBrowser();
    setClock(noon + after);

    const statuses = await statusesOf(session);

    expect(statuses).toEqual(expected);
  });

  test.each<[what: string, act: (session: GivenSession) => Promise<unknown>]>([
    ['a touch', ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/touch`)],
    ['a session token', ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/tokens`)],
    [
      'a session token for a visible tab',
      ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/tokens`, { tab_state: 'visible' }),
    ],
    [
      'a session token for a focused tab',
      ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/tokens`, { tab_state: 'focused' }),
    ],
    [
      'a session token for a tab that says nothing',
      ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/tokens`, { tab_state: '' }),
    ],
  ])('%s counts as activity', async (_, act) => {
    const session = await aSignedInBrowser();
    setClock(noon + 599_999);
    await act(session);
    setClock(noon + 599_999 + 599_999);

    const statuses = await statusesOf(session);

    expect(statuses).toEqual(live);
  });

  test.each<[what: string, act: (session: GivenSession) => Promise<unknown>]>([
    [
      'a session token for a hidden tab',
      ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/tokens`, { tab_state: 'hidden' }),
    ],
    ['a session token for a server', ({ sessionId }) => callBackend('POST', `/v1/sessions/${sessionId}/tokens`)],
    ['reading the client', ({ browser }) => browser.get('/v1/client')],
    ['reading the session', ({ browser, sessionId }) => browser.get(`/v1/client/sessions/${sessionId}`)],
    ['a server that reads the session', ({ sessionId }) => callBackend('GET', `/v1/sessions/${sessionId}`)],
    [
      'a refused touch',
      ({ browser, sessionId }) =>
        browser.post(`/v1/client/sessions/${sessionId}/touch`, {}, { origin: 'https://evil.example' }),
    ],
    [
      'a touch by another browser',
      async ({ sessionId }) => (await aSignedInBrowser()).browser.post(`/v1/client/sessions/${sessionId}/touch`),
    ],
  ])('%s does not count as activity', async (_, act) => {
    const session = await aSignedInBrowser();
    setClock(noon + 599_999);
    await act(session);
    expect(await storedItem('SESSIONS', { id: session.sessionId })).toMatchObject({ last_active_at: noon });
    setClock(noon + 600_000);

    const statuses = await statusesOf(session);

    expect(statuses).toEqual(over);
  });

  test('nothing revives a session that was idle too long', async () => {
    const session = await aSignedInBrowser();
    setClock(noon + 600_000);
    const refused = await session.browser.post(`/v1/client/sessions/${session.sessionId}/touch`);
    setClock(noon + 599_000);

    expect(outcome(refused)).toEqual(refusal(401, 'authentication_invalid'));
    expect(await storedItem('SESSIONS', { id: session.sessionId })).toMatchObject({ last_active_at: noon });
  });
});

test('a touch does not take back a later activity, which a host whose clock is ahead has recorded', async () => {
  const { browser, sessionId } = await aSignedInBrowser();
  setClock(noon + 5 * MINUTE);
  await browser.post(`/v1/client/sessions/${sessionId}/touch`);
  setClock(noon + 4 * MINUTE);

  const { status } = await browser.post(`/v1/client/sessions/${sessionId}/touch`);

  expect(status).toBe(200);
  expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({ last_active_at: noon + 5 * MINUTE });
});

describe('the duration of a session is fixed at its start', () => {
  async function activeUntil({ browser, sessionId }: GivenSession, end: number): Promise<void> {
    for (let at = 9 * MINUTE; at < end; at += 9 * MINUTE) {
      setClock(noon + at);
      await browser.post(`/v1/client/sessions/${sessionId}/touch`);
    }
  }

  test.each([
    [30 * MINUTE, {}],
    [45 * SECOND, { session_max_duration_in_seconds: 45 }],
    [60 * MINUTE, { session_max_duration_in_seconds: 3600 }],
  ])('a session ends after %i ms, however active it is', async (duration, params) => {
    const session = await aSignedInBrowser(params);
    await activeUntil(session, duration);
    setClock(noon + duration - 1);
    const before = await statusesOf(session);
    setClock(noon + duration);

    const after = await statusesOf(session);

    expect([before, after]).toEqual([live, over]);
  });

  test('the fixed end of a session never moves', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    const ends = [];

    for (const at of [0, 5 * MINUTE, 14 * MINUTE, 23 * MINUTE]) {
      setClock(noon + at);
      ends.push((await browser.post(`/v1/client/sessions/${sessionId}/touch`)).json.response.expire_at);
      await browser.post(`/v1/client/sessions/${sessionId}/tokens`);
      ends.push((await callBackend('GET', `/v1/sessions/${sessionId}`)).json.expire_at);
    }

    expect(new Set(ends)).toEqual(new Set([noon + 30 * MINUTE]));
  });

  test('the duration of a session counts from the redemption, not from the creation of the token', async () => {
    const { ticket } = await aPendingActorToken();
    setClock(noon + 50 * MINUTE);

    const { json } = await new Browser().redeem(ticket);

    expect(json.client.sessions[0].expire_at).toBe(noon + 80 * MINUTE);
  });
});

describe('the longest session, a minute before its end and still in use', () => {
  async function anOldSession(): Promise<GivenSession> {
    const given = await aSignedInBrowser({ session_max_duration_in_seconds: 86_400 });
    setClock(noon + DAY - MINUTE);
    const stored = await storedItem('SESSIONS', { id: given.sessionId });
    await storeItem('SESSIONS', { ...stored, last_active_at: noon + DAY - 2 * MINUTE });
    return given;
  }

  test('the longest session is listed as active a minute before its end', async () => {
    const { sessionId, userId } = await anOldSession();

    const { json } = await callBackend('GET', `/v1/sessions?user_id=${userId}&status=active`);

    expect(json).toMatchObject([{ id: sessionId, status: 'active', expire_at: noon + DAY }]);
  });

  test('a ban ends the longest session a minute before its end', async () => {
    const { sessionId, userId } = await anOldSession();

    await callBackend('POST', `/v1/users/${userId}/ban`);

    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({
      end_status: 'revoked',
      end_cause: 'user_banned',
      ended_at: noon + DAY - MINUTE,
    });
  });
});

describe('a session that expired stays expired', () => {
  test.each<[what: string, end: (session: GivenSession) => Promise<unknown>]>([
    ['is revoked', ({ sessionId }) => callBackend('POST', `/v1/sessions/${sessionId}/revoke`)],
    ['is ended', ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/end`)],
    ['is removed', ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/remove`)],
    ['is signed out of', ({ browser }) => browser.send('DELETE', '/v1/client/sessions')],
    ['belongs to a user who is banned', ({ userId }) => callBackend('POST', `/v1/users/${userId}/ban`)],
    ['is replaced', ({ browser }) => aSignedInBrowser({}, browser)],
  ])('a session that expired stays expired when it %s afterwards', async (_, end) => {
    const session = await aSignedInBrowser();
    setClock(noon + 600_000);

    await end(session);

    expect((await callBackend('GET', `/v1/sessions/${session.sessionId}`)).json.status).toBe('expired');
  });

  test('a session that was ended in time stays ended after its natural end', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    setClock(noon + 599_999);
    await browser.post(`/v1/client/sessions/${sessionId}/end`);
    setClock(noon + 60 * MINUTE);

    const { json } = await callBackend('GET', `/v1/sessions/${sessionId}`);

    expect(json).toMatchObject({ status: 'ended', updated_at: noon + 599_999 });
  });
});
