// A throttled DynamoDB leaves items out of its answer to a BatchGetItem.
import { expect, test } from 'vitest';
import { type Fault, leaveUnprocessed } from '../support/fault-proxy.ts';
import { startFaults } from '../support/faults.ts';
import { aSignedInBrowser, aUser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';

const { dynamodb } = await startFaults();

/** Answers for the first key, and returns the others as unprocessed. */
const answerForOne: Fault = async ({ body, forward, answer }) => {
  const [[name, { Keys, ...others }], ...tables] = Object.entries<{ Keys: unknown[] }>(body.RequestItems) as [
    [string, { Keys: unknown[] }],
    ...[string, { Keys: unknown[] }][],
  ];
  const asking = (keys: unknown[]) => ({ [name]: { ...others, Keys: keys } });
  const reply = await forward({ ...body, RequestItems: asking(Keys.slice(0, 1)) });
  const UnprocessedKeys = { ...(Keys.length > 1 ? asking(Keys.slice(1)) : {}), ...Object.fromEntries(tables) };
  const { 'x-amz-crc32': _, ...headers } = reply.headers;
  const answered = { ...JSON.parse(reply.body.toString()), UnprocessedKeys };
  answer({ ...reply, headers, body: Buffer.from(JSON.stringify(answered)) });
};

async function aUserWithSessions() {
  const user_id = await aUser();
  const ids: string[] = [];
  // One actor, so that all sessions have the same blocks.
  const actor = { sub: `support_${user_id}` };
  for (let count = 0; count < 3; count += 1) ids.unshift((await aSignedInBrowser({ user_id, actor })).sessionId);
  return { user_id, ids, calls: { operation: 'BatchGetItem', about: ids.at(-1)?.slice('sess_'.length) ?? '' } };
}

test('a list is whole and in order when DynamoDB answers for one session at a time', async () => {
  const { user_id, ids, calls } = await aUserWithSessions();
  const hurt = dynamodb.hurt(calls, answerForOne);

  const { status, json } = await callBackend('GET', `/v1/sessions?user_id=${user_id}`);

  expect(status).toBe(200);
  expect(json.map(({ id }: { id: string }) => id)).toEqual(ids);
  // The sessions, then their user and their actor tokens.
  expect(hurt.hits).toBe(ids.length + 1 + ids.length);
});

test('a list is to be asked for again when DynamoDB does not answer for some sessions', async () => {
  const { user_id, calls } = await aUserWithSessions();
  const hurt = dynamodb.hurt(calls, leaveUnprocessed);

  const answer = await callBackend('GET', `/v1/sessions?user_id=${user_id}`);

  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
  expect(answer.json.errors[0].code).toBe('service_unavailable');
  expect(hurt.hits).toBe(5);
});

test('a ban ends every session though DynamoDB answers for one at a time', async () => {
  const { user_id, calls } = await aUserWithSessions();
  dynamodb.hurt(calls, answerForOne);

  const { status } = await callBackend('POST', `/v1/users/${user_id}/ban`);

  const { json } = await callBackend('GET', `/v1/sessions?user_id=${user_id}`);
  expect(status).toBe(200);
  expect(json.map((session: { status: string }) => session.status)).toEqual(Array(3).fill('revoked'));
});
