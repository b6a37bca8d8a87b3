// The clock stands at noon of a past day, so that no other test on these tables finds these items: by its clock they are over.
import { describe, expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { startAtNoon } from '../support/clock.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { storedItem, storeItem } from '../support/stored.ts';

startAtNoon();

describe('a stored actor without a sub that names somebody is refused when it is read', () => {
  const malformed = [
    '{}',
    '[]',
    '7',
    '"a"',
    'null',
    '{"sub":7}',
    '{"sub":""}',
    '{"sub":" "}',
    '{"sub":"a\\n"}',
    '{"sub"',
    '',
  ];

  test.each(malformed)('no session token is made for a session with the actor %j', async (actor) => {
    const { browser, sessionId } = await aSignedInBrowser();
    await storeItem('SESSIONS', { ...(await storedItem('SESSIONS', { id: sessionId })), actor });

    const answers = [
      await browser.post(`/v1/client/sessions/${sessionId}/tokens`),
      await browser.post(`/v1/client/sessions/${sessionId}/touch`),
      await callBackend('POST', `/v1/sessions/${sessionId}/tokens`),
      await browser.get('/v1/me'),
    ];

    expect(answers.filter(({ status }) => status < 500)).toEqual([]);
  });

  test.each(malformed)('no ticket is redeemed for an actor token with the actor %j', async (actor) => {
    const { id, ticket } = await aPendingActorToken();
    await storeItem('ACTOR_TOKENS', { ...(await storedItem('ACTOR_TOKENS', { id })), actor });

    const { status } = await new Browser().redeem(ticket);

    expect(status).toBeGreaterThanOrEqual(400);
    expect(await storedItem('SESSIONS', { id: id.replace('act_', 'sess_') })).toBeUndefined();
  });
});
