// A block or a change of the user arrives while an actor token is redeemed or a session token is created.
import { randomUUID } from 'node:crypto';
import { DynamoDBClient, UpdateItemCommand, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, inject, test } from 'vitest';
import { blockIdOf } from '../../shared/blocklist/block.ts';
import { liftBlock } from '../../shared/blocklist/lift-block.ts';
import { blockActor } from '../../shared/sign-ins/block-actor.ts';
import { Browser } from '../support/browser.ts';
import { after, type Exchange, refusal } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { callBackend, startApi, testInstance } from '../support/http.ts';
import { anInstanceOfItsOwn } from '../support/own-generation.ts';
import { all, neverStaff, policyOf } from '../support/policies.ts';
import { storedItem } from '../support/stored.ts';

const { dynamodb, kms } = await startFaults();

afterEach(() => {
  dynamodb.heal();
});

const passOn = async ({ forward, answer }: Exchange) => answer(await forward());
const block = async (identifier: string) =>
  void (await callBackend('POST', '/v1/blocklist_identifiers', { identifier }));
const tokenOf = ({ browser, sessionId }: { readonly browser: Browser; readonly sessionId: string }) =>
  browser.post(`/v1/client/sessions/${sessionId}/tokens`);

const policy = policyOf(neverStaff, all);

test('a block that arrives after the ticket was judged leaves the browser without a session token, and ends the session', async () => {
  const actor = { sub: randomUUID() };
  const { id, ticket } = await aPendingActorToken({ actor });
  const reads = requestsOf('BatchGetItem', 'BLOCKLIST', blockIdOf(actor.sub), 1);
  // The first read of the blocklist is the judgement, the second one is beside the commit.
  dynamodb.hurt(
    reads,
    after(() => block(actor.sub)),
  );
  dynamodb.hurt(reads, passOn);
  const browser = new Browser();

  const answer = await browser.redeem(ticket);

  expect(answer.status).toBe(200);
  expect(answer.json.client.sessions[0].last_active_token).toBeNull();
  const sessionId = answer.json.response.created_session_id;
  expect((await tokenOf({ browser, sessionId })).status).toBe(401);
  expect(await storedItem('SESSIONS', { id: id.replace('act_', 'sess_') })).toMatchObject({
    end_cause: 'actor_blocked',
  });
});

test('a blocklist that cannot be read while the session starts leaves the browser without a session token, and the session', async () => {
  const actor = { sub: randomUUID() };
  const { ticket } = await aPendingActorToken({ actor });
  const reads = requestsOf('BatchGetItem', 'BLOCKLIST', blockIdOf(actor.sub), 1);
  // The fault that is named last is the first one.
  dynamodb.hurt(reads, refusal(400, 'com.amazonaws.dynamodb.v20120810#ValidationException'));
  dynamodb.hurt(reads, passOn);
  const browser = new Browser();

  const answer = await browser.redeem(ticket);

  expect(answer.status).toBe(200);
  expect(answer.json.client.sessions[0].last_active_token).toBeNull();
  expect((await tokenOf({ browser, sessionId: answer.json.response.created_session_id })).status).toBe(200);
});

test('a session token of a rule with a mode costs one signature, as any other', async () => {
  const readOnly = { ...all, id: 'read-only', mode: 'read_only' } as const;
  const api = startApi(testInstance({}, { policy: policyOf(neverStaff, readOnly) }));
  const user_id = await aUser();
  const created = await api.callBackend('POST', '/v1/actor_tokens', { user_id, actor: { sub: randomUUID() } });
  const browser = new Browser(api);
  const { json } = await browser.redeem(created.json.token);

  const { result, requests } = await kms.watch(() => tokenOf({ browser, sessionId: json.response.created_session_id }));

  expect(result.status).toBe(200);
  expect(requests.filter(({ operation }) => operation === 'Sign')).toHaveLength(1);
});

test('a block that arrives before the records of a session are read ends the session', async () => {
  const actor = { sub: randomUUID() };
  const story = await aSignedInBrowser({ actor });
  dynamodb.hurt(
    requestsOf('BatchGetItem', 'BLOCKLIST', blockIdOf(actor.sub), 1),
    after(() => block(actor.sub)),
  );

  expect((await tokenOf(story)).status).toBe(401);
});

test('a user who is promoted after the ticket was judged is not entered', async () => {
  const api = startApi(testInstance({}, { policy }));
  const { id, ticket, userId } = await aPendingActorToken();
  const promote = async () =>
    void (await callBackend('PATCH', `/v1/users/${userId}/metadata`, { private_metadata: { role: 'admin' } }));
  dynamodb.hurt(requestsOf('TransactWriteItems', 'ACTOR_TOKENS', id, 1), after(promote));

  const answer = await new Browser(api).redeem(ticket);

  expect(answer).toMatchObject({ status: 403, json: { errors: [{ meta: { title: 'never-staff' } }] } });
  expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
  expect(await storedItem('SESSIONS', { id: id.replace('act_', 'sess_') })).toBeUndefined();
});

test('a change of the user that the policy does not mind is judged again, and the ticket is redeemed', async () => {
  const api = startApi(testInstance({}, { policy }));
  const { id, ticket, userId } = await aPendingActorToken();
  const rename = async () => void (await callBackend('PATCH', `/v1/users/${userId}`, { first_name: randomUUID() }));
  const commits = dynamodb.hurt(requestsOf('TransactWriteItems', 'ACTOR_TOKENS', id, 2), after(rename));

  expect((await new Browser(api).redeem(ticket)).status).toBe(200);
  expect(commits.hits).toBe(2);
});

test('a user who changes three times is asked for again, and the ticket stays pending', async () => {
  const api = startApi(testInstance({}, { policy }));
  const { id, ticket, userId } = await aPendingActorToken();
  const rename = async () => void (await callBackend('PATCH', `/v1/users/${userId}`, { first_name: randomUUID() }));
  const commits = dynamodb.hurt(requestsOf('TransactWriteItems', 'ACTOR_TOKENS', id, 3), after(rename));

  expect((await new Browser(api).redeem(ticket)).status).toBe(429);
  expect(commits.hits).toBe(3);
  expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
});

test('the block of everybody among 60 redemptions makes none of them fail, and no session outlives it', async () => {
  const own = anInstanceOfItsOwn(78, 'actorTokens');
  const tokens = await Promise.all(Array.from({ length: 60 }, () => own.createToken(randomUUID())));
  const browsers = tokens.map(() => new Browser(own.api));
  const redeem = (index: number) => browsers[index]?.redeem(tokens[index]?.ticket ?? '');

  const [answers] = await Promise.all([
    Promise.all(tokens.map((_, index) => redeem(index))),
    blockActor({ identifier: '*', reason: undefined }, { ...own.call(), caller: {} }),
  ]);

  const statuses = answers.map((answer) => answer?.status);
  expect(statuses.filter((status) => status !== 200 && status !== 403)).toEqual([]);
  for (const browser of browsers) expect((await browser.get('/v1/client')).json.response?.sessions ?? []).toEqual([]);
  await liftBlock(blockIdOf('*'), { ...own.call(), caller: {} });
});

test('a copy of a block that arrives after the block was lifted, and one of a lift after another block, change nothing', async () => {
  const identifier = randomUUID();
  const engine = new DynamoDBClient({
    endpoint: inject('stack').dynamodbEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const id = blockIdOf(identifier);
  const lift = () => callBackend('DELETE', `/v1/blocklist_identifiers/${id}`);
  const updateOf = async (act: () => Promise<unknown>): Promise<UpdateItemCommandInput> => {
    const { requests } = await dynamodb.watch(act);
    const found = requests.find(({ operation, body }) => operation === 'UpdateItem' && body.Key.id.S === id);
    return found?.body;
  };
  const lateCopy = (input: UpdateItemCommandInput) => engine.send(new UpdateItemCommand(input));
  const refused = { name: 'ConditionalCheckFailedException' };

  const blocking = await updateOf(() => block(identifier));
  const lifting = await updateOf(lift);
  await expect(lateCopy(blocking)).rejects.toMatchObject(refused);
  expect((await lift()).status).toBe(404);
  await block(identifier);
  await expect(lateCopy(lifting)).rejects.toMatchObject(refused);
  expect((await lift()).status).toBe(200);
  engine.destroy();
});
