import { expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import { expectInvariants } from '../support/invariants.ts';
import { withoutTimeouts } from '../support/patience.ts';
import { itemsWith } from '../support/scan.ts';
import { refusalsOf, tallyOf } from '../support/tally.ts';

const CALLERS = 200;
const ROUNDS = 3;
const TABS = 20;

const { dynamodb } = await startFaults();

test(`of ${CALLERS} browsers that redeem a ticket at once one is signed in, the others learn that it was used`, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id, ticket, userId } = await aPendingActorToken();

    const { result: answers, requests } = await dynamodb.watch(() =>
      withoutTimeouts(() => Promise.all(Array.from({ length: CALLERS }, () => new Browser().redeem(ticket)))),
    );

    expect(tallyOf(answers), refusalsOf(requests)).toEqual({
      200: 1,
      '400 actor_token_already_used_code': CALLERS - 1,
    });
    expect(answers.flatMap(({ status, cookies }) => (status === 200 ? [] : cookies))).toEqual([]);
    expect(await itemsWith('SESSIONS', { user_id: userId })).toMatchObject([{ actor_token_id: id }]);
    await expectInvariants([id]);
  }
});

test(`of ${TABS} tabs of a browser that redeem a ticket at once one is signed in, the others keep their cookies`, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = await aSignedInBrowser();
    const { id, ticket } = await aPendingActorToken({ user_id: before.userId });
    const tabs = Array.from({ length: TABS }, () => before.browser.clone());

    const { result: answers, requests } = await dynamodb.watch(() =>
      Promise.all(tabs.map((tab) => tab.redeem(ticket))),
    );

    // A tab whose request is read after the winner's sign-in has a replaced cookie; an earlier one finds the ticket used.
    const { 200: signedIn, '401 authentication_invalid': stale = 0, ...others } = tallyOf(answers);
    expect(signedIn, refusalsOf(requests)).toBe(1);
    expect(others, refusalsOf(requests)).toEqual({ '400 actor_token_already_used_code': TABS - 1 - stale });
    expect(answers.flatMap(({ status, cookies }) => (status === 200 ? [] : cookies))).toEqual([]);
    await expectInvariants([before.actorTokenId, id]);
  }
});
