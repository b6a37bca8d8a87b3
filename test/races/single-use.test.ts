import { expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import type { TestAnswer } from '../support/http.ts';
import { expectInvariants } from '../support/invariants.ts';
import { withoutTimeouts } from '../support/patience.ts';
import { storedItems } from '../support/stored.ts';

const CALLERS = 200;
const ROUNDS = 3;
const TABS = 20;

function outcomes(answers: readonly TestAnswer[]): ReadonlySet<string> {
  return new Set(answers.map(({ status, json }) => `${status} ${json.errors[0].code}`));
}

test(`of ${CALLERS} browsers that redeem a ticket at once, one is signed in and the others are told that it was used`, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id, ticket, userId } = await aPendingActorToken();

    const answers = await withoutTimeouts(() =>
      Promise.all(Array.from({ length: CALLERS }, () => new Browser().redeem(ticket))),
    );

    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(CALLERS - 1);
    expect(outcomes(refused)).toEqual(new Set(['400 actor_token_already_used_code']));
    expect(refused.flatMap(({ cookies }) => cookies)).toEqual([]);
    const sessions = (await storedItems('SESSIONS')).filter((session) => session.user_id === userId);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ actor_token_id: id });
    await expectInvariants([id]);
  }
});

test(`of ${TABS} tabs of one browser that redeem a ticket at once, one is signed in and the others keep their cookies`, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = await aSignedInBrowser();
    const { id, ticket } = await aPendingActorToken({ user_id: before.userId });
    const tabs = Array.from({ length: TABS }, () => before.browser.clone());

    const answers = await Promise.all(tabs.map((tab) => tab.redeem(ticket)));

    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(TABS - 1);
    expect([...outcomes(refused)].filter((each) => each !== '401 authentication_invalid')).toEqual([
      '400 actor_token_already_used_code',
    ]);
    expect(refused.flatMap(({ cookies }) => cookies)).toEqual([]);
    await expectInvariants([before.actorTokenId, id]);
  }
});
