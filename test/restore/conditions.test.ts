// A stored item can have another generation than an item that was read before or that refers to it: each write and read checks it.
import { expect, inject, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { after } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import { type StoredItem, storedItem, storeItem, type Table } from '../support/stored.ts';

const { dynamodb } = await startFaults();
const generation = Number(inject('stack').environment.GENERATION);

/** Gives an item another generation just before the next transaction about the actor token. */
function restoreMeanwhile(table: Table, key: StoredItem, actorTokenId: string): void {
  const restore = async () => {
    const item = await storedItem(table, key);
    await storeItem(table, { ...item, generation: generation - 1 });
  };
  dynamodb.hurt(requestsOf('TransactWriteItems', 'ACTOR_TOKENS', actorTokenId, 1), after(restore));
}

test('an actor token that turns out to be of another generation signs nobody in', async () => {
  const { id, ticket } = await aPendingActorToken();
  restoreMeanwhile('ACTOR_TOKENS', { id }, id);
  const browser = new Browser();

  const answer = await browser.redeem(ticket);

  expect(answer.status).toBe(400);
  expect(answer.json.errors[0].code).toBe('ticket_invalid_code');
  expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
  expect(browser.cookies).toEqual([]);
});

test('a browser that turns out to be of another generation is not signed in', async () => {
  const { browser } = await aSignedInBrowser();
  const [clientId = ''] = (browser.cookie('__Host-client') ?? '').split('.');
  const { id, ticket } = await aPendingActorToken();
  restoreMeanwhile('CLIENTS', { id: clientId }, id);

  const answer = await browser.redeem(ticket);

  expect(answer.status).toBe(401);
  expect(answer.json.errors[0].code).toBe('authentication_invalid');
  expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
});

test('a browser is not shown a session of another generation', async () => {
  const { browser, sessionId } = await aSignedInBrowser();
  await storeItem('SESSIONS', { ...(await storedItem('SESSIONS', { id: sessionId })), generation: generation - 1 });

  const client = await browser.get('/v1/client');
  const me = await browser.get('/v1/me');

  expect(client.json.response).toMatchObject({ sessions: [], last_active_session_id: null });
  expect(me.status).toBe(401);
});
