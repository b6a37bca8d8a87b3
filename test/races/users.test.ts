import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { after, internalError } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aSignedInBrowser, aUser } from '../support/given.ts';
import { callBackend, type TestAnswer } from '../support/http.ts';
import { itemsWith } from '../support/scan.ts';
import { storedItem } from '../support/stored.ts';
import { refusalsOf, tallyOf } from '../support/tally.ts';

const CALLERS = 30;

const { dynamodb } = await startFaults();

const create = (externalId: string) => callBackend('POST', '/v1/users', { external_id: externalId });

const usersWith = (externalId: string) => itemsWith('USERS', { external_id: externalId });

test('of many users created at once with one external id one is created', async () => {
  for (let round = 0; round < 5; round += 1) {
    const externalId = randomUUID();

    const { result: answers, requests } = await dynamodb.watch(() =>
      Promise.all(Array.from({ length: CALLERS }, () => create(externalId))),
    );

    expect(tallyOf(answers), refusalsOf(requests)).toEqual({
      200: 1,
      '422 form_identifier_exists external_id': CALLERS - 1,
    });
    expect(await usersWith(externalId)).toHaveLength(1);
  }
});

test('an external id can be given again after any of many deletions at once was answered', async () => {
  const externalId = randomUUID();
  const userId = await aUser({ external_id: externalId });

  const answers = await Promise.all(Array.from({ length: 5 }, () => callBackend('DELETE', `/v1/users/${userId}`)));
  const again = await create(externalId);

  expect(answers.some(({ status }) => status === 200)).toBe(true);
  expect(again.status).toBe(200);
  expect(await usersWith(externalId)).toHaveLength(1);
});

test('of two deletions at once of a user without an external id one finds no user', async () => {
  const userId = await aUser();
  let first: TestAnswer | undefined;
  const overtake = async () => {
    first = await callBackend('DELETE', `/v1/users/${userId}`);
  };
  dynamodb.hurt(requestsOf('TransactWriteItems', 'USERS', userId, 1), after(overtake));

  const second = await callBackend('DELETE', `/v1/users/${userId}`);

  expect([first?.status, second.status]).toEqual([200, 404]);
});

test('a deletion that another one overtook does not free the external id of the next user', async () => {
  const externalId = randomUUID();
  const userId = await aUser({ external_id: externalId });
  const overtake = async () => {
    await callBackend('DELETE', `/v1/users/${userId}`);
    await create(externalId);
  };
  dynamodb.hurt(requestsOf('TransactWriteItems', 'USERS', userId, 1), after(overtake));

  await callBackend('DELETE', `/v1/users/${userId}`);
  const third = await create(externalId);

  expect(third.status).toBe(422);
  expect(await usersWith(externalId)).toHaveLength(1);
});

test('changes of one user at once are all kept', async () => {
  const userId = await aUser({ external_id: randomUUID() });
  const names = ['a', 'b', 'c', 'd'];

  const answers = await Promise.all([
    ...names.map((name) => callBackend('PATCH', `/v1/users/${userId}/metadata`, { public_metadata: { [name]: 1 } })),
    callBackend('POST', `/v1/users/${userId}/ban`),
  ]);

  const { json } = await callBackend('GET', `/v1/users/${userId}`);
  const isDone = answers.map(({ status }) => status === 200);
  expect(Object.keys(json.public_metadata).sort()).toEqual(names.filter((_, position) => isDone[position]));
  expect(json.banned).toBe(isDone[4]);
  expect(isDone).toContain(true);
});

test('a change that was overtaken by a ban keeps the ban', async () => {
  const userId = await aUser();
  const overtake = async () => {
    await callBackend('POST', `/v1/users/${userId}/ban`);
  };
  dynamodb.hurt(requestsOf('TransactWriteItems', 'USERS', userId, 1), after(overtake));

  const answer = await callBackend('PATCH', `/v1/users/${userId}`, { first_name: 'Ada' });

  expect(answer).toMatchObject({ status: 200, json: { first_name: 'Ada', banned: true } });
});

test('of many users who get one external id at once one gets it', async () => {
  const externalId = randomUUID();
  const ids = await Promise.all(Array.from({ length: 8 }, () => aUser()));

  const answers = await Promise.all(
    ids.map((id) => callBackend('PATCH', `/v1/users/${id}`, { external_id: externalId })),
  );

  expect(tallyOf(answers)).toEqual({ 200: 1, '422 form_identifier_exists external_id': 7 });
  expect(await usersWith(externalId)).toHaveLength(1);
});

test('a deletion that a new external id overtook deletes nothing, so that no external id is reserved for nobody', async () => {
  const externalId = randomUUID();
  const userId = await aUser();
  const overtake = async () => {
    await callBackend('PATCH', `/v1/users/${userId}`, { external_id: externalId });
  };
  dynamodb.hurt(requestsOf('TransactWriteItems', 'USERS', userId, 1), after(overtake));

  const overtaken = await callBackend('DELETE', `/v1/users/${userId}`);
  const again = await callBackend('DELETE', `/v1/users/${userId}`);

  expect([overtaken.status, again.status]).toEqual([429, 200]);
  expect((await create(externalId)).status).toBe(200);
});

test('a deletion that a new user name overtook deletes nothing, so that no entry is left of nobody', async () => {
  const [before, later] = [randomUUID(), randomUUID()];
  const userId = await aUser({ username: before });
  const overtake = async () => {
    await callBackend('PATCH', `/v1/users/${userId}`, { username: later });
  };
  dynamodb.hurt(requestsOf('TransactWriteItems', 'USERS', userId, 1), after(overtake));

  const overtaken = await callBackend('DELETE', `/v1/users/${userId}`);
  const again = await callBackend('DELETE', `/v1/users/${userId}`);

  expect([overtaken.status, again.status]).toEqual([429, 200]);
  expect(await storedItem('USERS', { id: `username#${before}#${userId}` })).toBeUndefined();
  expect(await storedItem('USERS', { id: `username#${later}#${userId}` })).toBeUndefined();
});

test('a user who is deleted while a ban is under way stays deleted', async () => {
  const userId = await aUser();
  let deleted: TestAnswer | undefined;
  const overtake = async () => {
    deleted = await callBackend('DELETE', `/v1/users/${userId}`);
  };
  dynamodb.hurt(requestsOf('UpdateItem', 'USERS', userId), after(overtake));

  const answer = await callBackend('POST', `/v1/users/${userId}/ban`);

  expect(deleted?.status).toBe(200);
  expect(answer.status).toBe(404);
  expect(await storedItem('USERS', { id: userId })).toBeUndefined();
});

test('a session that the tidying of a ban missed stays over when the ban is lifted', async () => {
  const { browser, sessionId, userId } = await aSignedInBrowser();
  dynamodb.hurt(requestsOf('Query', 'SESSIONS', userId), internalError);

  const banned = await callBackend('POST', `/v1/users/${userId}/ban`);
  await callBackend('POST', `/v1/users/${userId}/unban`);
  const answer = await browser.post(`/v1/client/sessions/${sessionId}/tokens`);

  expect(banned.status).toBe(200);
  expect(answer.status).toBe(401);
});

test.each([
  ['empty', ''],
  ['longer than any', 'x'.repeat(2049)],
])("an external id that is %s is nobody's, and is not looked up in DynamoDB", async (_, externalId) => {
  const asked = dynamodb.hurt(requestsOf('BatchGetItem', 'USERS', ''), internalError);

  const answer = await callBackend('GET', `/v1/users?external_id=${externalId}`);
  const count = await callBackend('GET', `/v1/users/count?external_id=${externalId}`);

  dynamodb.heal();
  expect(answer).toMatchObject({ status: 200, json: [] });
  expect(count).toMatchObject({ status: 200, json: { total_count: 0 } });
  expect(asked.hits).toBe(0);
});
