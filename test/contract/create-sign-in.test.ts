import { describe, expect, inject, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { DAY, noon, SECOND, setClock, startAtNoon } from '../support/clock.ts';
import {
  clearedCookies,
  expectedClient,
  expectedClientSession,
  expectedPublicUser,
  expectedToken,
  signedInCookies,
} from '../support/expected.ts';
import { aPendingActorToken, aSignedInBrowser, aUser, plantedCookie } from '../support/given.ts';
import { call, callBackend } from '../support/http.ts';
import { outcome, refusal, summary } from '../support/refusal.ts';
import { itemsWith } from '../support/scan.ts';
import { storedItem, storeItem } from '../support/stored.ts';

startAtNoon();

const { allowedOrigin, environment } = inject('stack');

test('a sign-in is answered complete, with the client, its session and a session token', async () => {
  const actor = { sub: 'support_1', reason: 'a call' };
  const { ticket, userId, id } = await aPendingActorToken({ actor });
  setClock(noon + 500);

  const answer = await new Browser().redeem(ticket);

  const sessionId = `sess_${id.slice('act_'.length)}`;
  const at = noon + 500;
  const session = expectedClientSession(at, userId, {
    id: sessionId,
    actor,
    user: expectedPublicUser(noon, { id: userId }),
    last_active_token: expectedToken,
  });
  expect(outcome(answer)).toMatchObject({
    status: 200,
    json: {
      response: {
        status: 'complete',
        identifier: null,
        user_data: { first_name: 'Target', last_name: null, image_url: '', has_image: false },
        created_session_id: sessionId,
        abandon_at: at + DAY,
      },
      client: expectedClient(at, [session]),
    },
  });
});

test('a sign-in sets the secret of the client for 400 days, and the time of the sign-in', async () => {
  const { ticket } = await aPendingActorToken();
  setClock(noon + 999);

  const answer = await new Browser().redeem(ticket);

  expect(answer.cookies).toEqual(signedInCookies(answer.json.client.id, noon));
});

test('the target is named by e-mail address, else phone number, user name or own id', async () => {
  const targets = [
    { email_address: ['a@example.com', 'b@example.com'], phone_number: ['+15550001'], username: 'ann' },
    { phone_number: ['+15550001'], username: 'ann' },
    { username: 'ann', external_id: `own_${Math.random()}` },
  ];

  const identifiers = [];
  for (const target of targets) {
    const { ticket } = await aPendingActorToken({ user_id: await aUser(target) });
    const { json } = await new Browser().redeem(ticket);
    identifiers.push([json.response.identifier, json.client.sessions[0].public_user_data.identifier]);
  }

  expect(identifiers).toEqual([
    ['a@example.com', 'a@example.com'],
    ['+15550001', '+15550001'],
    ['ann', 'ann'],
  ]);
});

test('a target with second factors is signed in at once', async () => {
  const factors = { totp_secret: 'otpauth://totp/x', backup_codes: ['12345678'] };
  const { ticket } = await aPendingActorToken({ user_id: await aUser(factors) });

  const { json } = await new Browser().redeem(ticket);

  expect(json.response).toMatchObject({ status: 'complete', second_factor_verification: null });
  expect(json.client.sessions[0]).toMatchObject({
    status: 'active',
    user: { two_factor_enabled: true, totp_enabled: true, backup_code_enabled: true },
  });
});

test('private metadata never reaches a browser', async () => {
  const userId = await aUser({ private_metadata: { note: 'not-for-browsers' }, public_metadata: { plan: 'gold' } });
  const { ticket } = await aPendingActorToken({ user_id: userId });
  const browser = new Browser();

  const signedIn = await browser.redeem(ticket);
  const sessionId = signedIn.json.response.created_session_id;
  const answers = [
    signedIn,
    await browser.get('/v1/client'),
    await browser.get(`/v1/client/sessions/${sessionId}`),
    await browser.post(`/v1/client/sessions/${sessionId}/touch`),
    await browser.post(`/v1/client/sessions/${sessionId}/tokens`),
    await browser.post(`/v1/client/sessions/${sessionId}/end`),
  ];

  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
  for (const { text } of answers) expect(text).not.toMatch(/not-for-browsers|private_metadata/);
  expect(signedIn.text).toContain('gold');
});

test('a stored session names who signed in, from where and until when', async () => {
  const { sessionId, actorTokenId, userId, browser } = await aSignedInBrowser({ session_max_duration_in_seconds: 90 });

  const clientId = browser.cookie('__Host-client')?.split('.')[0];
  const generation = Number(environment.GENERATION);
  expect(await storedItem('SESSIONS', { id: sessionId })).toEqual({
    id: sessionId,
    kind: 'session',
    client_id: clientId,
    client_secret_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    user_id: userId,
    actor: expect.stringMatching(/^\{"sub":"support_/),
    actor_token_id: actorTokenId,
    generation,
    created_at: noon,
    expire_at: noon + 90_000,
    last_active_at: noon,
    created_from: '192.0.2.1',
    created_with: 'test',
    ttl: noon / 1000 + 90 + Number(environment.AUDIT_RETENTION_DAYS) * 86_400,
  });
  expect(await storedItem('CLIENTS', { id: clientId })).toEqual({
    id: clientId,
    secret_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    block_ids: [expect.stringMatching(/^blid_/)],
    session_id: sessionId,
    session_expire_at: noon + 90_000,
    user_id: userId,
    rotated_at: noon,
    generation,
    created_at: noon,
    ttl: noon / 1000 + 401 * 86_400,
  });
  expect(await storedItem('ACTOR_TOKENS', { id: actorTokenId })).toMatchObject({
    status: 'accepted',
    updated_at: noon,
    accepted_at: noon,
    session_id: sessionId,
    client_id: clientId,
    client_secret_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    ticket_signature: expect.stringMatching(/^[\w-]{342}$/),
    accepted_from: '192.0.2.1',
    accepted_with: 'test',
  });
});

test('a user agent that is too long is kept up to a whole character', async () => {
  const { id, ticket } = await aPendingActorToken();

  const answer = await new Browser().redeem(ticket, { 'user-agent': `${'x'.repeat(511)}😀` });

  expect(answer.status).toBe(200);
  const { accepted_with } = (await storedItem('ACTOR_TOKENS', { id })) ?? {};
  expect(accepted_with).toBe(`${'x'.repeat(511)}\uFFFD`);
});

describe('a second sign-in in the same browser', () => {
  test('a second sign-in in a browser keeps the client, replaces its secret and shows one session', async () => {
    const { browser, sessionId: first } = await aSignedInBrowser();
    const [firstId, firstSecret] = browser.cookie('__Host-client')?.split('.') ?? [];
    setClock(noon + 10 * SECOND);

    const { sessionId: second } = await aSignedInBrowser({}, browser);

    const [secondId, secondSecret] = browser.cookie('__Host-client')?.split('.') ?? [];
    expect([secondId, secondSecret]).toEqual([firstId, expect.not.stringMatching(firstSecret ?? '')]);
    const { json } = await browser.get('/v1/client');
    expect(json.response.sessions.map(({ id }: { id: string }) => id)).toEqual([second]);
    expect(json.response).toMatchObject({ created_at: noon, updated_at: noon + 10 * SECOND });
    expect((await callBackend('GET', `/v1/sessions/${first}`)).json).toMatchObject({
      status: 'removed',
      updated_at: noon + 10 * SECOND,
    });
  });

  test('a second sign-in in the same browser leaves the same target alone in other browsers', async () => {
    const user_id = await aUser();
    const other = await aSignedInBrowser({ user_id });
    const { browser } = await aSignedInBrowser({ user_id });

    await aSignedInBrowser({ user_id }, browser);

    const answer = await other.browser.post(`/v1/client/sessions/${other.sessionId}/tokens`);
    expect(answer.status).toBe(200);
    expect((await callBackend('GET', `/v1/sessions/${other.sessionId}`)).json.status).toBe('active');
  });

  test('a second sign-in keeps the end that the previous session had', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    await browser.post(`/v1/client/sessions/${sessionId}/end`);
    setClock(noon + SECOND);

    await aSignedInBrowser({}, browser);

    expect((await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status).toBe('ended');
  });

  test('a second sign-in leaves an expired session expired', async () => {
    const { browser, sessionId } = await aSignedInBrowser({ session_max_duration_in_seconds: 60 });
    setClock(noon + 60 * SECOND);

    await aSignedInBrowser({}, browser);

    const stored = await storedItem('SESSIONS', { id: sessionId });
    expect(stored).not.toHaveProperty('end_status');
    expect((await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status).toBe('expired');
  });

  test('a second sign-in leaves a session expired that was idle too long', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    setClock(noon + 700 * SECOND);

    await aSignedInBrowser({}, browser);

    expect((await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status).toBe('expired');
  });

  test('a second sign-in works when the record of the previous session is gone', async () => {
    const { browser } = await aSignedInBrowser();
    const { id: clientId } = (await browser.get('/v1/client')).json.response;
    const stored = await storedItem('CLIENTS', { id: clientId });
    await storeItem('CLIENTS', { ...stored, session_id: 'sess_2Zwn4c4SnN4HHeTb8EK7pe29iof' });

    const { sessionId } = await aSignedInBrowser({}, browser);

    expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(200);
    expect(await storedItem('SESSIONS', { id: 'sess_2Zwn4c4SnN4HHeTb8EK7pe29iof' })).toBeUndefined();
  });
});

describe('a browser that claims a client', () => {
  const secret = 'A'.repeat(43);

  test('a browser with an unknown client becomes a new one', async () => {
    const claimed = 'client_2Zwn4c4SnN4HHeTb8EK7pe29iof';
    const browser = new Browser();
    browser.keep([`__Host-client=${claimed}.${secret}`]);
    const { ticket } = await aPendingActorToken();

    const { json, cookies } = await browser.redeem(ticket);

    expect(json.client.id).not.toBe(claimed);
    expect(cookies).toEqual(signedInCookies(json.client.id, noon));
    expect(await storedItem('CLIENTS', { id: claimed })).toBeUndefined();
  });

  test.each([
    '',
    'x',
    secret,
    `client_x.${secret}`,
    `client_2Zwn4c4SnN4HHeTb8EK7pe29iof.${secret}.x`,
    'client_2Zwn4c4SnN4HHeTb8EK7pe29iof',
  ])('a browser with a malformed client cookie becomes a new one: "%s"', async (value) => {
    const browser = new Browser();
    browser.keep([`__Host-client=${value}`]);
    const { ticket } = await aPendingActorToken();

    const answer = await browser.redeem(ticket);

    expect(answer.status).toBe(200);
  });

  test('a browser with a replaced secret is refused, and keeps its cookie for 60 s', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    const stale = browser.clone();
    const current = await aSignedInBrowser({}, browser);
    const { ticket, id } = await aPendingActorToken();
    setClock(noon + 59_999);

    const answer = await stale.redeem(ticket);

    expect(sessionId).not.toBe(current.sessionId);
    expect(outcome(answer)).toEqual(refusal(401, 'authentication_invalid'));
    expect(answer.cookies).toEqual([]);
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
    expect((await browser.post(`/v1/client/sessions/${current.sessionId}/tokens`)).status).toBe(200);
  });

  test('a browser with a secret replaced 60 s ago is refused, and its cookie is cleared', async () => {
    const { browser } = await aSignedInBrowser();
    const stale = browser.clone();
    await aSignedInBrowser({}, browser);
    const { ticket } = await aPendingActorToken();
    setClock(noon + 60_000);

    const answer = await stale.redeem(ticket);

    expect(outcome(answer)).toEqual(refusal(401, 'authentication_invalid'));
    expect(answer.cookies).toEqual(clearedCookies);
  });

  test('a browser with an invented secret is refused', async () => {
    const { browser } = await aSignedInBrowser();
    const thief = new Browser();
    thief.keep([`__Host-client=${browser.cookie('__Host-client')?.split('.')[0]}.${secret}`]);
    const { ticket } = await aPendingActorToken();

    const answer = await thief.redeem(ticket);

    expect(outcome(answer)).toEqual(refusal(401, 'authentication_invalid'));
  });

  test('a browser with two different client cookies is refused, and the token stays pending', async () => {
    const { browser } = await aSignedInBrowser();
    const { ticket, id } = await aPendingActorToken();

    const answer = await call({
      method: 'POST',
      path: '/v1/client/sign_ins',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      cookies: [plantedCookie, `__Host-client=${browser.cookie('__Host-client')}`],
      body: `strategy=ticket&ticket=${ticket}`,
    });

    expect(outcome(answer)).toEqual(refusal(401, 'authentication_invalid'));
    expect(answer.cookies).toEqual([]);
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
  });
});

describe('a target who cannot be entered', () => {
  test('a sign-in as a banned user is refused', async () => {
    const { ticket, userId, id } = await aPendingActorToken();
    await callBackend('POST', `/v1/users/${userId}/ban`);

    const answer = await new Browser().redeem(ticket);

    expect(outcome(answer)).toEqual(refusal(403, 'user_banned'));
    expect(answer.cookies).toEqual([]);
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
  });

  test('a ticket from before a ban is refused when the ban is lifted, and a new one works', async () => {
    const { id, ticket, userId } = await aPendingActorToken();
    setClock(noon + SECOND);
    await callBackend('POST', `/v1/users/${userId}/ban`);
    await callBackend('POST', `/v1/users/${userId}/unban`);
    const later = await aPendingActorToken({ user_id: userId });

    const answer = await new Browser().redeem(ticket);

    expect(outcome(answer)).toEqual(refusal(400, 'actor_token_cannot_be_used_code'));
    expect(answer.cookies).toEqual([]);
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
    expect((await new Browser().redeem(later.ticket)).status).toBe(200);
  });

  test('a sign-in as a deleted user is refused', async () => {
    const { ticket, userId, id } = await aPendingActorToken();
    await callBackend('DELETE', `/v1/users/${userId}`);

    const answer = await new Browser().redeem(ticket);

    expect(outcome(answer)).toEqual(refusal(404, 'actor_token_subject_not_found'));
    expect(answer.cookies).toEqual([]);
    expect(await itemsWith('SESSIONS', { actor_token_id: id })).toEqual([]);
  });
});

test('a failed sign-in changes nothing in the browser: its session goes on and no cookie is set', async () => {
  const { browser, sessionId, ticket: used } = await aSignedInBrowser();
  const revoked = await aPendingActorToken();
  await callBackend('POST', `/v1/actor_tokens/${revoked.id}/revoke`);
  const banned = await aPendingActorToken();
  await callBackend('POST', `/v1/users/${banned.userId}/ban`);
  const before = await storedItem('CLIENTS', { id: browser.cookie('__Host-client')?.split('.')[0] });
  const { ticket: pending } = await aPendingActorToken();

  const answers = [
    await browser.redeem(used),
    await browser.redeem(revoked.ticket),
    await browser.redeem(banned.ticket),
    await browser.redeem('forged'),
    await browser.redeem(pending, { origin: 'https://evil.example' }),
  ];

  expect(answers.map(summary)).toEqual([
    '400 actor_token_already_used_code',
    '400 actor_token_revoked_code',
    '403 user_banned',
    '400 ticket_invalid_code',
    '400 origin_invalid',
  ]);
  expect(answers.flatMap(({ cookies }) => cookies)).toEqual([]);
  expect(await storedItem('CLIENTS', { id: browser.cookie('__Host-client')?.split('.')[0] })).toEqual(before);
  expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(200);
});

describe('the form of a sign-in', () => {
  const form = 'application/x-www-form-urlencoded';
  const post = (body: string, type = form) =>
    call({ method: 'POST', path: '/v1/client/sign_ins', headers: { 'content-type': type }, body });

  test.each([
    ['', '422 form_param_missing strategy'],
    ['strategy=', '422 form_param_missing strategy'],
    ['ticket=x', '422 form_param_missing strategy'],
    ['strategy=password&identifier=a', '422 form_param_value_invalid strategy'],
    ['strategy=Ticket&ticket=x', '422 form_param_value_invalid strategy'],
    ['strategy=ticket', '422 form_conditional_param_missing ticket'],
    ['strategy=ticket&ticket=', '422 form_conditional_param_missing ticket'],
    ['strategy=ticket&ticket=x', '400 ticket_invalid_code'],
    ['strategy=ticket&strategy=ticket&ticket=x', '422 form_param_duplicate strategy'],
    ['strategy=ticket&ticket=x&ticket=y', '422 form_param_duplicate ticket'],
    ['strategy=ticket&ticket%5B%5D=x', '422 form_conditional_param_missing ticket'],
  ])('a sign-in with the form %s is answered with %s', async (body, expected) => {
    const answer = await post(body);

    expect(summary(answer)).toBe(expected);
  });

  test('the form of a sign-in may have unknown fields', async () => {
    const { ticket } = await aPendingActorToken();

    const answer = await post(`strategy=ticket&ticket=${ticket}&locale=en-US&timezone=Europe%2FBerlin&identifier=`);

    expect(answer.status).toBe(200);
  });

  test('the form of a sign-in names its content type, with or without a charset', async () => {
    const { ticket } = await aPendingActorToken();

    const answer = await post(`strategy=ticket&ticket=${ticket}`, 'Application/X-WWW-Form-URLencoded; charset=UTF-8');

    expect(answer.status).toBe(200);
  });

  test.each(['application/json', 'multipart/form-data; boundary=x', 'text/plain'])(
    'the form of a sign-in is not %s',
    async (type) => {
      const { ticket } = await aPendingActorToken();
      const body =
        type === 'application/json'
          ? JSON.stringify({ strategy: 'ticket', ticket })
          : `strategy=ticket&ticket=${ticket}`;

      const answer = await post(body, type);

      expect(outcome(answer)).toEqual(refusal(415, 'unsupported_content_type'));
    },
  );

  test('the parameters of a sign-in are not taken from the query', async () => {
    const { ticket } = await aPendingActorToken();

    const answer = await call({ method: 'POST', path: `/v1/client/sign_ins?strategy=ticket&ticket=${ticket}` });

    expect(outcome(answer)).toEqual(refusal(422, ['form_param_missing', 'strategy']));
  });
});

test('the origin of the page that signed in is kept with the session', async () => {
  const { ticket } = await aPendingActorToken();

  const { json } = await new Browser().redeem(ticket, { origin: allowedOrigin });

  expect(await storedItem('SESSIONS', { id: json.response.created_session_id })).toMatchObject({
    origin: allowedOrigin,
  });
});
