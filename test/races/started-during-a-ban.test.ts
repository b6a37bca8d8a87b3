// A session that starts while its user is banned, or its actor blocked, does not outlive that: also when it is taken back at once, and when
// the clock of the sign-in is ahead of that of the ban.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { noon, SECOND, setClock, startAtNoon } from '../support/clock.ts';
import type { Fault } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { changeItem, storedItem } from '../support/stored.ts';

const { dynamodb } = await startFaults();
startAtNoon();

test('a session gets no session token when a ban of its user was lifted after the ticket was created', async () => {
  const { ticket, userId } = await aPendingActorToken();
  const browser = new Browser();
  setClock(noon + 5 * SECOND);
  const { created_session_id: id } = (await browser.redeem(ticket)).json.response;
  // A ban by another host, whose clock says less. Its sweep has not found the new session yet.
  await changeItem('USERS', { id: userId }, { banned_at: noon + 2 * SECOND, unbanned_at: noon + 3 * SECOND });

  const answer = await browser.post(`/v1/client/sessions/${id}/tokens`);

  expect(answer.status).toBe(401);
  expect(await storedItem('SESSIONS', { id })).toMatchObject({ end_cause: 'user_banned' });
});

test('a sign-in has no session token when a block was made and lifted while it is redeemed', async () => {
  const sub = `support_${randomUUID()}`;
  const { ticket, userId } = await aPendingActorToken({ actor: { sub } });
  const blockAndLift: Fault = async ({ forward, answer }) => {
    const reply = await forward();
    setClock(noon + 2 * SECOND);
    const { json } = await callBackend('POST', '/v1/blocklist_identifiers', { identifier: sub });
    await callBackend('DELETE', `/v1/blocklist_identifiers/${json.id}`);
    answer(reply);
  };
  // After the first read of the blocklist, and before the second one.
  dynamodb.hurt(requestsOf('BatchGetItem', 'USERS', userId, 1), blockAndLift);
  setClock(noon + 5 * SECOND);

  const answer = await new Browser().redeem(ticket);

  expect(answer.status).toBe(200);
  expect(answer.text.includes('"jwt":"')).toBe(false);
});

test('a ban is lifted no earlier than it began', async () => {
  const { userId } = await aSignedInBrowser();
  setClock(noon + 5 * SECOND);
  await callBackend('POST', `/v1/users/${userId}/ban`);
  setClock(noon);

  await callBackend('POST', `/v1/users/${userId}/unban`);

  expect(await storedItem('USERS', { id: userId })).toMatchObject({ banned: false, unbanned_at: noon + 5 * SECOND });
});
