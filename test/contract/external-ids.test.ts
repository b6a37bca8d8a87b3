// A user is named by the customer's own id wherever a user's id is taken, and the app gets that id with each session token.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { startAtNoon } from '../support/clock.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { call, callBackend } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { changeItem, storedItem } from '../support/stored.ts';
import { decoded } from '../support/tickets.ts';

startAtNoon();

const actor = { sub: 'support' };

/** A user with an external id that has to be written with escapes in a path. */
async function aCustomer() {
  const externalId = `crm 1#${randomUUID()}`;
  const userId = await aUser({ external_id: externalId });
  return { externalId, userId, path: `/v1/users/${encodeURIComponent(externalId)}` };
}

function claimsOf(jwt: string): Record<string, unknown> {
  return decoded(jwt).payload;
}

describe('an external id names a user', () => {
  test('an actor token is created for the user of an external id', async () => {
    const { externalId, userId } = await aCustomer();

    const answer = await callBackend('POST', '/v1/actor_tokens', { user_id: externalId, actor });

    expect(answer.json).toMatchObject({ object: 'actor_token', user_id: userId });
  });

  test('a user is read, banned, unbanned and deleted by external id', async () => {
    const { userId, path } = await aCustomer();

    const answers = [
      await callBackend('GET', path),
      await callBackend('POST', `${path}/ban`),
      await callBackend('POST', `${path}/unban`),
      await callBackend('DELETE', path),
      await callBackend('GET', path),
    ];

    expect(answers.map(({ status, json }) => [status, json.id, json.banned])).toEqual([
      [200, userId, false],
      [200, userId, true],
      [200, userId, false],
      [200, userId, undefined],
      [404, undefined, undefined],
    ]);
  });

  test('the sessions of a user are listed by external id', async () => {
    const { externalId, userId } = await aCustomer();
    const { sessionId } = await aSignedInBrowser({ user_id: userId });
    const { json: session } = await callBackend('GET', `/v1/sessions/${sessionId}`);
    const list = async (query: string) => (await callBackend('GET', `/v1/sessions?${query}`)).json;

    const lists = [
      await list(`user_id=${encodeURIComponent(externalId)}`),
      await list(`user_id=${encodeURIComponent(externalId)}&client_id=${session.client_id}`),
      await list(`user_id=nobody&client_id=${session.client_id}`),
      await list('user_id=nobody'),
    ];

    expect(lists).toEqual([[session], [session], [], []]);
  });

  test('a text of the form of an id is an id, and never an external id', async () => {
    const id = 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof';
    const { userId, externalId } = await aCustomer();
    // As an older version could have stored it.
    await changeItem('USERS', { id: `external_id#${externalId}` }, { id: `external_id#${id}` });

    const read = await callBackend('GET', `/v1/users/${id}`);
    const created = await callBackend('POST', '/v1/actor_tokens', { user_id: id, actor });

    expect(await storedItem('USERS', { id: `external_id#${id}` })).toMatchObject({ user_id: userId });
    expect([read, created].map(outcome)).toEqual(Array(2).fill(refusal(404, 'resource_not_found')));
  });
});

describe('an app gets the external id with each session token', () => {
  test('each session token claims the external id, and the record keeps it', async () => {
    const { externalId, userId } = await aCustomer();
    const { json } = await callBackend('POST', '/v1/actor_tokens', { user_id: externalId, actor });
    const browser = new Browser();
    const signedIn = await browser.redeem(json.token);
    const { created_session_id: sessionId } = signedIn.json.response;

    const tokens = [
      signedIn.json.client.sessions[0].last_active_token.jwt,
      (await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).json.jwt,
      (await callBackend('POST', `/v1/sessions/${sessionId}/tokens`)).json.jwt,
    ];

    const claims = { sub: userId, external_id: externalId, act: actor };
    for (const token of tokens) expect(claimsOf(token)).toMatchObject(claims);
    expect(await storedItem('ACTOR_TOKENS', { id: json.id })).toMatchObject({ external_id: externalId });
    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({ external_id: externalId });
  });

  test('the session token of a user without an external id claims none', async () => {
    const { browser, sessionId } = await aSignedInBrowser();

    const { json } = await browser.post(`/v1/client/sessions/${sessionId}/tokens`);

    expect(claimsOf(json.jwt)).not.toHaveProperty('external_id');
  });
});

describe('a user who gets another external id is another person to the app', () => {
  test('a session ends, so that no token names whoever has the old external id next', async () => {
    const { userId } = await aCustomer();
    const { browser, sessionId } = await aSignedInBrowser({ user_id: userId });
    await changeItem('USERS', { id: userId }, { external_id: randomUUID() });

    const shown = await callBackend('GET', `/v1/sessions/${sessionId}`);
    const answer = await browser.post(`/v1/client/sessions/${sessionId}/tokens`);

    expect(shown.json.status).toBe('revoked');
    expect(outcome(answer)).toEqual(refusal(401, 'authentication_invalid'));
    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({ end_cause: 'external_id_changed' });
  });

  test.for([
    ['another external id', { external_id: 'another' }],
    ['no external id', { external_id: undefined }],
  ] as const)('a ticket from before is refused, and shown as refused: %s', async ([, changed]) => {
    const { userId } = await aCustomer();
    const { ticket } = await aPendingActorToken({ user_id: userId });
    await changeItem('USERS', { id: userId }, changed);

    const page = await call({ path: `/v1/tickets/accept?ticket=${ticket}` });
    const answer = await new Browser().redeem(ticket);

    expect(page).toMatchObject({ status: 400, text: expect.stringContaining('another external id') });
    expect(outcome(answer)).toEqual(refusal(400, 'actor_token_cannot_be_used_code'));
  });

  test('a session of a user who had no external id goes on, and claims none', async () => {
    const { browser, sessionId, userId } = await aSignedInBrowser();
    await changeItem('USERS', { id: userId }, { external_id: randomUUID() });

    const { status, json } = await browser.post(`/v1/client/sessions/${sessionId}/tokens`);

    expect(status).toBe(200);
    expect(claimsOf(json.jwt)).not.toHaveProperty('external_id');
  });
});
