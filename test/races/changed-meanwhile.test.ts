// Data changes after an operation has read it and before it writes: the condition of the write decides.
import { expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { after } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { expectInvariants } from '../support/invariants.ts';
import { summary } from '../support/refusal.ts';
import { changeItem, storedItem, storeItem } from '../support/stored.ts';

const { dynamodb } = await startFaults();

test.for(['end', 'remove'])(
  'a tab whose session is replaced while it asks to %s it does not sign out of the next one',
  async (verb) => {
    const { browser, sessionId } = await aSignedInBrowser();
    const { ticket } = await aPendingActorToken();
    const tab = browser.clone();
    const replace = async () => void (await browser.redeem(ticket));
    dynamodb.hurt(requestsOf('UpdateItem', 'SESSIONS', sessionId, 1), after(replace));

    const answer = await tab.post(`/v1/client/sessions/${sessionId}/${verb}`);

    expect(answer).toMatchObject({ status: 401, cookies: [] });
    expect((await browser.get('/v1/client')).json.response.sessions).toHaveLength(1);
  },
);

test('a session is not ended with a secret that was replaced during the request', async () => {
  const { browser, sessionId } = await aSignedInBrowser();
  const stored = await storedItem('SESSIONS', { id: sessionId });
  const replace = () => storeItem('SESSIONS', { ...stored, client_secret_hash: 'b'.repeat(64) });
  dynamodb.hurt(requestsOf('UpdateItem', 'SESSIONS', sessionId, 1), after(replace));

  const answer = await browser.post(`/v1/client/sessions/${sessionId}/end`);

  expect(answer).toMatchObject({ status: 401, cookies: [] });
  expect(await storedItem('SESSIONS', { id: sessionId })).not.toHaveProperty('end_status');
});

test('an actor token whose end is moved to the past while it is redeemed signs nobody in', async () => {
  const { id, ticket } = await aPendingActorToken();
  const expire = async () =>
    storeItem('ACTOR_TOKENS', { ...(await storedItem('ACTOR_TOKENS', { id })), expire_at: Date.now() - 1000 });
  dynamodb.hurt(requestsOf('TransactWriteItems', 'ACTOR_TOKENS', id, 1), after(expire));

  const answer = await new Browser().redeem(ticket);

  expect(answer.json.errors?.[0].code).toBe('ticket_invalid_code');
  expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
});

test('a ticket is refused when its user is banned and the ban is lifted while it is redeemed', async () => {
  const { id, ticket, userId } = await aPendingActorToken();
  const banAndUnban = async () => {
    await callBackend('POST', `/v1/users/${userId}/ban`);
    await callBackend('POST', `/v1/users/${userId}/unban`);
  };
  dynamodb.hurt(requestsOf('TransactWriteItems', 'ACTOR_TOKENS', id, 1), after(banAndUnban));
  const { browser, actorTokenId } = await aSignedInBrowser();

  const answer = await browser.redeem(ticket);

  expect(summary(answer)).toBe('400 actor_token_cannot_be_used_code');
  expect(answer.cookies).toEqual([]);
  await expectInvariants([id, actorTokenId]);
});

test('a ban that was written into the table without its time is not lifted when the user is banned anew meanwhile', async () => {
  const id = await aUser();
  await changeItem('USERS', { id }, { banned: true });
  const ban = async () => void (await callBackend('POST', `/v1/users/${id}/ban`));
  dynamodb.hurt(requestsOf('UpdateItem', 'USERS', id, 1), after(ban));

  const answer = await callBackend('POST', `/v1/users/${id}/unban`);

  expect(answer.status).toBe(429);
  expect(await storedItem('USERS', { id })).toMatchObject({ banned: true });
});
