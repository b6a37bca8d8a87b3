// Every answer of a write is lost or broken, until the SDK gives up: only the table shows whether the write took effect. The tests
// have a file of their own, because they use up the retries that the SDK allows itself.
import { expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { cutBody, loseAnswer } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken } from '../support/given.ts';
import { expectInvariants } from '../support/invariants.ts';
import { writingOperations } from '../support/writing-operations.ts';

const { dynamodb } = await startFaults();

/** The operations that read the table when DynamoDB gave no answer at all. */
const DECIDED_BY_READING = ['redeeming a ticket', 'revoking an actor token'];

test.concurrent.for(writingOperations)(
  '$name takes effect once when every answer of its write is lost',
  async (operation) => {
    const { about, act, effects, actorTokenIds } = await operation.prepare();
    dynamodb.hurt(requestsOf(...operation.write, about), loseAnswer);

    const answer = await act();

    const isDecided = DECIDED_BY_READING.includes(operation.name);
    expect(answer.status).toBe(isDecided ? 200 : 503);
    if (!isDecided) expect(answer.json.errors[0].code).toBe('service_unavailable');
    expect(await effects()).toBe(1);
    await expectInvariants(actorTokenIds);
  },
);

test.concurrent.for(writingOperations)(
  '$name takes effect once when every answer of its write breaks off',
  async (operation) => {
    const { about, act, effects, actorTokenIds } = await operation.prepare();
    dynamodb.hurt(requestsOf(...operation.write, about), cutBody);

    const answer = await act();

    expect(answer.status).toBe(DECIDED_BY_READING.includes(operation.name) ? 200 : 503);
    expect(await effects()).toBe(1);
    await expectInvariants(actorTokenIds);
  },
);

test.concurrent('a browser is signed in with the cookie of the answer, though every answer of the commit was lost', async () => {
  const { id, ticket, userId } = await aPendingActorToken();
  dynamodb.hurt(requestsOf('TransactWriteItems', 'ACTOR_TOKENS', id), loseAnswer);
  const browser = new Browser();

  const answer = await browser.redeem(ticket);

  const minted = await browser.post(`/v1/client/sessions/${answer.json.response.created_session_id}/tokens`);
  expect(answer.json.client.sessions[0].last_active_token.jwt).toEqual(expect.any(String));
  expect(answer.json.client.sessions[0].user.id).toBe(userId);
  expect(minted.status).toBe(200);
});
