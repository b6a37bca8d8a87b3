// DynamoDB fails or does not answer, and no write took effect. The answer says to try again, and nothing is half done.
import { describe, expect, inject, test } from 'vitest';
import { delayed, hang, internalError, refusal, stallBody, throttling } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { call, callBackend, contextOf } from '../support/http.ts';
import { expectInvariants } from '../support/invariants.ts';
import { storedItem } from '../support/stored.ts';
import { writingOperations } from '../support/writing-operations.ts';

const { dynamodb } = await startFaults();

// This comes first, before the SDK has used up the retries that it allows itself.
test.concurrent.for(writingOperations)(
  '$name succeeds when only the first try of its write fails',
  async ({ prepare, write }) => {
    const { about, act, effects, actorTokenIds } = await prepare();
    dynamodb.hurt(requestsOf(...write, about, 1), internalError);

    const answer = await act();

    expect(answer.status).toBe(200);
    expect(await effects()).toBe(1);
    await expectInvariants(actorTokenIds);
  },
);

test.concurrent.for(writingOperations)(
  '$name succeeds when its write is answered late but in time',
  async ({ prepare, write }) => {
    const { about, act, effects, actorTokenIds } = await prepare();
    const late = dynamodb.hurt(requestsOf(...write, about), delayed(700));

    const answer = await act();

    expect(late.hits).toBe(1);
    expect(answer.status).toBe(200);
    expect(await effects()).toBe(1);
    await expectInvariants(actorTokenIds);
  },
);

const FAULTS = [
  { fails: 'answers with a 500', fault: internalError },
  { fails: 'does not answer', fault: hang },
];
const cases = writingOperations.flatMap((operation) => FAULTS.map((each) => ({ ...operation, ...each })));

test.concurrent.for(cases)('$name is unavailable when its write $fails', async ({ prepare, write, fault }) => {
  const { about, act, effects, actorTokenIds } = await prepare();
  const hurt = dynamodb.hurt(requestsOf(...write, about), fault);

  const answer = await act();

  expect(hurt.hits).toBeGreaterThan(0);
  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, cookies: [] });
  expect(answer.json.errors[0].code).toBe('service_unavailable');
  expect(await effects()).toBe(0);
  await expectInvariants(actorTokenIds);
});

test.concurrent('an operation answers only when its write has ended, even if its function runs out of time', async () => {
  const { id } = await aPendingActorToken();
  const headers = { authorization: `Bearer ${inject('stack').secretKey}` };
  const slow = dynamodb.hurt(requestsOf('UpdateItem', 'ACTOR_TOKENS', id), delayed(700));

  const request = { method: 'POST', path: `/v1/actor_tokens/${id}/revoke`, headers };
  const answer = await call(request, contextOf({ remainingInMs: 200 }));

  expect(slow.hits).toBe(1);
  expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'revoked' });
  expect(answer.status).toBe(200);
});

test.concurrent('a sign-in whose outcome cannot be read is unavailable', async () => {
  const { id, ticket } = await aPendingActorToken();
  const { browser } = await aSignedInBrowser();
  const before = browser.cookies;
  dynamodb.hurt(requestsOf('TransactWriteItems', 'ACTOR_TOKENS', id), async ({ cut }) => {
    dynamodb.hurt(requestsOf('GetItem', 'ACTOR_TOKENS', id), internalError);
    cut();
  });

  const answer = await browser.redeem(ticket);

  expect(answer).toMatchObject({ status: 503, cookies: [] });
  expect(browser.cookies).toEqual(before);
});

test.concurrent('an answer that stops in its middle ends the attempt, as one that never begins does', async () => {
  const { browser, sessionId } = await aSignedInBrowser();
  const attempts = dynamodb.hurt(requestsOf('UpdateItem', 'SESSIONS', sessionId), stallBody);

  const answer = await browser.post(`/v1/client/sessions/${sessionId}/tokens`);

  expect(answer.status).toBe(503);
  expect(attempts.hits).toBeGreaterThan(0);
});

describe('a read', { concurrent: true }, () => {
  const reads = [
    { name: 'of a user', operation: 'GetItem', table: 'USERS', path: (id: string) => `/v1/users/${id}` },
    {
      name: 'of the sessions of a user',
      operation: 'Query',
      table: 'SESSIONS',
      path: (id: string) => `/v1/sessions?user_id=${id}`,
    },
    {
      name: 'of users by external id',
      operation: 'BatchGetItem',
      table: 'USERS',
      path: (id: string) => `/v1/users?external_id=customer-${id}`,
    },
  ] as const;

  test.for(reads)(
    'a read $name is unavailable when DynamoDB answers with a 500',
    async ({ operation, table, path }) => {
      const id = await aUser();
      dynamodb.hurt(requestsOf(operation, table, id), internalError);

      const answer = await callBackend('GET', path(id));

      expect(answer.json.errors[0].code).toBe('service_unavailable');
      expect(answer.status).toBe(503);
    },
  );

  test.for(reads)('a read $name is to be retried when DynamoDB throttles', async ({ operation, table, path }) => {
    const id = await aUser();
    dynamodb.hurt(requestsOf(operation, table, id), throttling);

    const answer = await callBackend('GET', path(id));

    expect(answer.json.errors[0].code).toBe('too_many_requests');
    expect(answer.status).toBe(429);
  });

  test('a read that DynamoDB finds invalid is an internal error without detail', async () => {
    const id = await aUser();
    const invalid = refusal(400, 'com.amazon.coral.validate#ValidationException', { message: `About ${id}` });
    dynamodb.hurt(requestsOf('GetItem', 'USERS', id), invalid);

    const answer = await callBackend('GET', `/v1/users/${id}`);

    expect(answer.status).toBe(500);
    expect(answer.json.errors[0].code).toBe('internal_clerk_error');
    expect(answer.text).not.toContain(id);
  });
});
