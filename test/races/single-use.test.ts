import { expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { aPendingActorToken } from '../support/given.ts';
import { storedItems } from '../support/stored.ts';

const CALLERS = 200;
const ROUNDS = 5;

test(`of ${CALLERS} browsers that redeem a ticket at once, one is signed in and the others are told that it was used`, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id, ticket, userId } = await aPendingActorToken();

    const answers = await Promise.all(Array.from({ length: CALLERS }, () => new Browser().redeem(ticket)));

    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(CALLERS - 1);
    expect(new Set(refused.map(({ status, json }) => `${status} ${json.errors[0].code}`))).toEqual(
      new Set(['400 actor_token_already_used_code']),
    );
    const sessions = (await storedItems('SESSIONS')).filter((session) => session.user_id === userId);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ actor_token_id: id });
  }
});
