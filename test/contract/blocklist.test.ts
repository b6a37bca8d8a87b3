// The blocklist: who may not impersonate, from when to when, and what becomes of what they began before.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { epochMs } from '../../shared/base/time.ts';
import { blockIdOf } from '../../shared/blocklist/block.ts';
import { liftBlock } from '../../shared/blocklist/lift-block.ts';
import { blockActor } from '../../shared/sign-ins/block-actor.ts';
import { Browser } from '../support/browser.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { call, callBackend, testInstance } from '../support/http.ts';
import { anInstanceOfItsOwn } from '../support/own-generation.ts';
import { changeItem, storedItem } from '../support/stored.ts';

const anActor = () => ({ sub: `support_${randomUUID()}` });

const block = async (identifier: string) => {
  const answer = await callBackend('POST', '/v1/blocklist_identifiers', { identifier, reason: 'left the company' });
  expect(answer.status, answer.text).toBe(200);
  return answer.json;
};
const unblock = (id: string) => callBackend('DELETE', `/v1/blocklist_identifiers/${id}`);

const REFUSED = {
  status: 403,
  json: { errors: [{ code: 'not_allowed_access', meta: { kind: 'blocked', title: 'actor' } }] },
};

test('a block is answered as Clerk answers one, listed, and lifted', async () => {
  const { sub } = anActor();

  const created = await block(sub);

  expect(created).toEqual({
    object: 'blocklist_identifier',
    id: expect.stringMatching(/^blid_[0-9A-Za-z]{27}$/),
    identifier: sub,
    instance_id: testInstance().id,
    created_at: expect.any(Number),
    updated_at: created.created_at,
  });
  const list = await callBackend('GET', '/v1/blocklist_identifiers');
  expect(list.json.data).toContainEqual(created);
  expect(list.json.total_count).toBe(list.json.data.length);
  expect(await unblock(created.id)).toMatchObject({
    status: 200,
    json: { object: 'blocklist_identifier', id: created.id, deleted: true },
  });
  const after = await callBackend('GET', '/v1/blocklist_identifiers');
  expect(after.json.data).not.toContainEqual(created);
});

test('an e-mail address has its type, and is blocked in any case', async () => {
  const name = randomUUID();

  const created = await block(`Mia.${name}@Example.com`);

  expect(created.identifier_type).toBe('email_address');
  const actor = { sub: `mia.${name}@example.COM` };
  const answer = await callBackend('POST', '/v1/actor_tokens', { user_id: await aUser(), actor });
  expect(answer).toMatchObject(REFUSED);
});

test('a blocked actor gets no actor token, and the request is part of the record', async () => {
  const actor = anActor();
  const user_id = await aUser();
  await block(actor.sub);

  const answer = await callBackend('POST', '/v1/actor_tokens', { user_id, actor });

  expect(answer).toMatchObject(REFUSED);
  expect(answer.headers).not.toHaveProperty('www-authenticate');
  const { json } = await callBackend('GET', `/v1/sessions?user_id=${user_id}`);
  expect(json).toEqual([]);
});

test('a ticket of a blocked actor is refused, stays pending, and leaves the session of the browser as it is', async () => {
  const { browser, sessionId } = await aSignedInBrowser();
  const actor = anActor();
  const { id, ticket } = await aPendingActorToken({ actor });
  await block(actor.sub);

  const page = await call({ path: `/v1/tickets/accept?ticket=${ticket}` });
  const redeemed = await browser.redeem(ticket);

  expect(page.status).toBe(403);
  expect(page.text).toContain('This actor is blocked');
  expect(redeemed).toMatchObject(REFUSED);
  expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({
    status: 'pending',
    refusal: 'actor_blocked',
    refused_at: expect.any(Number),
  });
  expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(200);
});

test('a block ends the sessions of the actor, and no other session of the user', async () => {
  const actor = anActor();
  const user_id = await aUser();
  const blocked = await aSignedInBrowser({ user_id, actor });
  const other = await aSignedInBrowser({ user_id });

  await block(actor.sub);

  expect((await blocked.browser.post(`/v1/client/sessions/${blocked.sessionId}/tokens`)).status).toBe(401);
  expect((await callBackend('POST', `/v1/sessions/${blocked.sessionId}/tokens`)).status).toBe(404);
  expect((await other.browser.post(`/v1/client/sessions/${other.sessionId}/tokens`)).status).toBe(200);
  expect(await storedItem('SESSIONS', { id: blocked.sessionId })).toMatchObject({
    end_status: 'revoked',
    end_cause: 'actor_blocked',
  });
});

test.each([
  ['a session token', (id: string) => `/v1/client/sessions/${id}/tokens`],
  ['a touch', (id: string) => `/v1/client/sessions/${id}/touch`],
])('a session that the sweep did not find ends at the next request for %s', async (_, path) => {
  const actor = anActor();
  const { browser, sessionId } = await aSignedInBrowser({ actor });
  // Another kind: no index has it.
  await changeItem('SESSIONS', { id: sessionId }, { kind: 'hidden' });

  await block(actor.sub);

  expect(await storedItem('SESSIONS', { id: sessionId })).not.toHaveProperty('end_cause');
  expect((await browser.get('/v1/client')).json.response.sessions).toEqual([]);
  expect((await browser.post(path(sessionId))).status).toBe(401);
  expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({ end_cause: 'actor_blocked' });
});

test.each<[string, readonly string[] | undefined]>([
  ['of somebody else', [blockIdOf('somebody')]],
  ['of nobody', []],
  ['from before there were blocks', undefined],
])('a browser whose client names the blocks %s is shown nobody when its actor is blocked', async (_, block_ids) => {
  const actor = anActor();
  const { browser, sessionId } = await aSignedInBrowser({ actor });
  const clientId = browser.cookie('__Host-client')?.split('.')[0];
  await changeItem('CLIENTS', { id: clientId }, { block_ids });
  expect((await browser.get('/v1/client')).json.response.sessions).toHaveLength(1);
  // Another kind: the sweep does not find it.
  await changeItem('SESSIONS', { id: sessionId }, { kind: 'hidden' });

  await block(actor.sub);

  expect((await browser.get('/v1/client')).json.response.sessions).toEqual([]);
});

test('what was created before a block was lifted stays dead, and what is created after it works', async () => {
  const actor = anActor();
  const { browser, sessionId } = await aSignedInBrowser({ actor });
  const before = await aPendingActorToken({ actor });
  const { id } = await block(actor.sub);
  await unblock(id);

  expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(401);
  expect(await new Browser().redeem(before.ticket)).toMatchObject(REFUSED);
  const after = await aSignedInBrowser({ actor });
  expect((await after.browser.post(`/v1/client/sessions/${after.sessionId}/tokens`)).status).toBe(200);
});

test('to lift a block takes no parameters', async () => {
  const { id } = await block(anActor().sub);

  const answer = await callBackend('DELETE', `/v1/blocklist_identifiers/${id}`, { reason: 'x' });

  expect(answer).toMatchObject({ status: 422, json: { errors: [{ code: 'form_param_unknown' }] } });
});

test('to block twice keeps the first block, and to lift twice finds nothing to lift', async () => {
  const { sub } = anActor();
  const first = await block(sub);

  expect(await block(sub)).toEqual(first);
  expect((await unblock(first.id)).status).toBe(200);
  expect(await unblock(first.id)).toMatchObject({ status: 404, json: { errors: [{ code: 'resource_not_found' }] } });
  const again = await block(sub);
  expect(again.created_at).toBeGreaterThan(first.created_at);
  expect((await unblock(again.id)).status).toBe(200);
});

test('a block of the command is lifted by the command only', async () => {
  const { sub } = anActor();
  const command = { instance: testInstance(), now: epochMs(Date.now()), caller: {} };
  const { id } = await blockActor({ identifier: sub, reason: undefined }, command);

  expect(await unblock(id)).toMatchObject({
    status: 403,
    json: { errors: [{ code: 'not_allowed_access', meta: { kind: 'command_only' } }] },
  });
  await liftBlock(id, command);
  expect((await unblock(id)).status).toBe(404);
});

test("the command makes a server's block its own, and a server none of the command's", async () => {
  const { sub } = anActor();
  const command = () => ({ instance: testInstance(), now: epochMs(Date.now()), caller: {} });
  const { id } = await block(sub);

  const taken = await blockActor({ identifier: sub, reason: 'incident' }, command());
  await block(sub);

  expect(taken).toMatchObject({ id, blockedBy: 'command', reason: 'incident' });
  expect((await unblock(id)).status).toBe(403);
  await liftBlock(id, command());
});

test('a wrong identifier is refused with its name', async () => {
  const wrong = await callBackend('POST', '/v1/blocklist_identifiers', { identifier: '' });
  const missing = await callBackend('POST', '/v1/blocklist_identifiers', {});
  const unknown = await callBackend('POST', '/v1/blocklist_identifiers', { identifier: 'a', notify: true });

  expect([wrong, missing, unknown].map(({ json }) => [json.errors[0].code, json.errors[0].meta.param_name])).toEqual([
    ['form_param_value_invalid', 'identifier'],
    ['form_param_missing', 'identifier'],
    ['form_param_unknown', 'notify'],
  ]);
});

test('the list has pages', async () => {
  await block(anActor().sub);
  await block(anActor().sub);

  const all = await callBackend('GET', '/v1/blocklist_identifiers');
  const second = await callBackend('GET', '/v1/blocklist_identifiers?limit=1&offset=1');

  expect(second.json).toEqual({ data: [all.json.data[1]], total_count: all.json.total_count });
  const codesOf = async (query: string) =>
    (await callBackend('GET', `/v1/blocklist_identifiers?${query}`)).json.errors.map(
      ({ code }: { code: string }) => code,
    );
  expect(await codesOf('limit=0')).toEqual(['form_param_value_invalid']);
  expect(await codesOf('limit=501')).toEqual(['form_param_value_too_large']);
  expect(await codesOf('limit=1&limit=2')).toEqual(['form_param_duplicate']);
});

test('a session that cannot be read keeps no other from being listed and ended', async () => {
  const actor = anActor();
  const [one, broken, other] = [
    await aSignedInBrowser({ actor }),
    await aSignedInBrowser({ actor }),
    await aSignedInBrowser({ actor }),
  ];
  const item = await storedItem('SESSIONS', { id: broken.sessionId });
  await changeItem('SESSIONS', { id: broken.sessionId }, { last_active_at: undefined });

  const { status, json } = await callBackend('GET', `/v1/sessions?actor_sub=${actor.sub}`);
  await block(actor.sub);

  expect(status).toBe(200);
  expect(json.map(({ id }: { id: string }) => id)).toEqual([other.sessionId, one.sessionId]);
  for (const { sessionId } of [one, other])
    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({ end_cause: 'actor_blocked' });
  await changeItem('SESSIONS', { id: broken.sessionId }, item ?? {});
});

test('active sessions of everybody, or of one actor, are listed without a user', async () => {
  const actor = anActor();
  const one = await aSignedInBrowser({ actor });
  const other = await aSignedInBrowser();
  await callBackend('POST', `/v1/sessions/${(await aSignedInBrowser({ actor })).sessionId}/revoke`);
  const idsOf = async (query: string) => {
    const { status, json } = await callBackend('GET', `/v1/sessions?${query}`);
    expect(status).toBe(200);
    return json.map(({ id }: { id: string }) => id);
  };

  expect(await idsOf(`actor_sub=${actor.sub}`)).toEqual([one.sessionId]);
  expect(await idsOf(`actor_sub=${actor.sub}&user_id=${other.userId}`)).toEqual([]);
  const everybody = await idsOf('status=active&limit=500');
  // Other tests sign in meanwhile.
  const own = [one.sessionId, other.sessionId];
  expect(everybody.filter((id: string) => own.includes(id))).toEqual([other.sessionId, one.sessionId]);
  expect(await callBackend('GET', '/v1/sessions?status=ended')).toMatchObject({
    status: 400,
    json: { errors: [{ code: 'missing_query_parameter' }] },
  });
});

test('the block of everybody stops an instance, and its sessions stay dead when it is lifted', async () => {
  const own = anInstanceOfItsOwn(77, 'clients');
  const { sessionId, token } = await own.signIn('mia');
  const pending = await own.createToken('mia');
  const command = () => ({ ...own.call(), caller: {} });
  const everybody = { code: 'not_allowed_access', meta: { kind: 'blocked', title: 'instance' } };

  const { id } = await blockActor({ identifier: '*', reason: undefined }, command());

  await expect(own.createToken('mia')).rejects.toMatchObject({ items: [everybody] });
  const refused = { status: 403, json: { errors: [everybody] } };
  expect(await new Browser(own.api).redeem(pending.ticket)).toMatchObject(refused);
  expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({ end_cause: 'instance_blocked' });
  expect((await token()).status).toBe(401);
  await liftBlock(id, command());
  expect((await token()).status).toBe(401);
  expect(await new Browser(own.api).redeem(pending.ticket)).toMatchObject(refused);
  expect((await (await own.signIn('mia')).token()).status).toBe(200);
});
