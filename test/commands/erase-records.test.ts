// `npm run users -- erase`: what it removes from the record, what it keeps, what it leaves alone, and that the record stays readable.
import { randomUUID } from 'node:crypto';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { users } from '../../cdk/commands/users.ts';
import { Browser } from '../support/browser.ts';
import { startFaultProxy, throttling } from '../support/fault-proxy.ts';
import { aPendingActorToken, aSignedInBrowser, aUser, type GivenSession } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { everythingStored } from '../support/scan.ts';
import { changeItem, deleteItem, storedItem, storeItem } from '../support/stored.ts';
import { deployedStack } from './deployed-stack.ts';
import { execute } from './execute.ts';
import { LOCAL } from './run.ts';

const { dynamodbEndpoint, environment, allowedOrigin } = inject('stack');

const session = (id: string) => storedItem('SESSIONS', { id });
const actorToken = (id: string) => storedItem('ACTOR_TOKENS', { id });
const erase = (...args: readonly string[]) => execute(users, ['erase', ...args, '--json', ...LOCAL]);

/** An agent of this test only, with what backends add about their agents. */
function anAgent() {
  const sub = `support_${randomUUID()}`;
  return { sub, name: `Sam ${sub}`, email: `${sub}@example.com` };
}

/** A session that is over, of a user who is deleted. */
async function anEndedStory(actor = anAgent()): Promise<GivenSession> {
  const given = await aPendingActorToken({ actor });
  const browser = new Browser();
  await browser.redeem(given.ticket, { origin: allowedOrigin, 'user-agent': `browser of ${actor.sub}` });
  const sessionId = given.id.replace('act_', 'sess_');
  await browser.post(`/v1/client/sessions/${sessionId}/end`, {}, { 'user-agent': `browser of ${actor.sub}` });
  await callBackend('DELETE', `/v1/users/${given.userId}`);
  return { browser, sessionId, userId: given.userId, actorTokenId: given.id, ticket: given.ticket };
}

describe('erasing a person', () => {
  test.each([
    ['a deleted user', ({ userId }: GivenSession) => [userId]],
    ['an actor', (_: GivenSession, sub: string) => ['--actor', sub]],
  ])('removes %s from actor tokens and sessions that are over, and keeps what happened', async (_, args) => {
    const actor = anAgent();
    const story = await anEndedStory(actor);
    const before = { session: await session(story.sessionId), actorToken: await actorToken(story.actorTokenId) };

    const ended = await erase(...args(story, actor.sub));

    expect(ended).toEqual({
      status: 0,
      stdout: '{"actor_tokens":1,"sessions":1,"live":0,"unreadable":0}\n',
      stderr: 'Logs and backups keep what they have until they expire: docs/privacy.md.\n',
    });
    const erased = {
      external_id: null,
      actor: '{"sub":"erased"}',
      verified: null,
      reason: null,
      erased_at: expect.any(Number),
    };
    const nobody = { created_from: null, created_with: null };
    expect(await session(story.sessionId)).toEqual({
      ...before.session,
      ...erased,
      ...nobody,
      origin: null,
      ended_from: null,
      ended_with: null,
    });
    expect(await actorToken(story.actorTokenId)).toEqual({
      ...before.actorToken,
      ...erased,
      ...nobody,
      ticket_hash: 'erased',
      ticket_signature: 'erased',
      accepted_from: null,
      accepted_with: null,
      revoked_from: null,
      revoked_with: null,
      refused_from: null,
      refused_with: null,
      operator_key: null,
    });
    expect(JSON.stringify(before)).toContain(actor.name);
  });

  test('removes the address and the browser of everybody else, and of no other person', async () => {
    const [one, other] = [anAgent(), anAgent()];
    const story = await anEndedStory(one);
    const untouched = await anEndedStory(other);
    const before = [await session(untouched.sessionId), await actorToken(untouched.actorTokenId)];

    await erase('--actor', one.sub);

    expect(JSON.stringify(await session(story.sessionId))).not.toMatch(/192\.0\.2\.1|browser of/);
    expect([await session(untouched.sessionId), await actorToken(untouched.actorTokenId)]).toEqual(before);
  });

  test('takes tokens that were revoked or have expired, and sessions that have expired', async () => {
    const actor = anAgent();
    const revoked = await aPendingActorToken({ actor });
    await callBackend('POST', `/v1/actor_tokens/${revoked.id}/revoke`);
    const expired = await aPendingActorToken({ actor });
    await storeItem('ACTOR_TOKENS', { ...(await actorToken(expired.id)), expire_at: Date.now() - 1 });
    const idle = await aSignedInBrowser({ actor });
    await storeItem('SESSIONS', { ...(await session(idle.sessionId)), last_active_at: Date.now() - 600_001 });

    expect(await erase('--actor', actor.sub)).toMatchObject({
      status: 0,
      stdout: '{"actor_tokens":3,"sessions":1,"live":0,"unreadable":0}\n',
    });
    expect(await everythingStored()).not.toContain(actor.sub);
  });

  test('leaves what is not over as it is, says so, and ends with 1', async () => {
    const actor = anAgent();
    const pending = await aPendingActorToken({ actor });
    const live = await aSignedInBrowser({ actor });
    const stored = async () => [
      await actorToken(pending.id),
      await actorToken(live.actorTokenId),
      await session(live.sessionId),
    ];
    const before = await stored();

    const ended = await erase('--actor', actor.sub);

    expect(ended).toMatchObject({ status: 1, stdout: '{"actor_tokens":0,"sessions":0,"live":3,"unreadable":0}\n' });
    expect(ended.stderr).toBe(
      '3 records are not erased, because a session or an actor token has not ended yet: end it with ' +
        '"npm run impersonate -- end", or wait, and run the same command again.\n' +
        'Logs and backups keep what they have until they expire: docs/privacy.md.\n',
    );
    expect(await stored()).toEqual(before);
    expect((await live.browser.post(`/v1/client/sessions/${live.sessionId}/tokens`)).status).toBe(200);
    expect((await new Browser().redeem(pending.ticket)).status).toBe(200);
  });

  test('changes nothing when it is repeated, and takes what is over by then', async () => {
    const actor = anAgent();
    const { sessionId, actorTokenId, userId } = await aSignedInBrowser({ actor });
    await anEndedStory(actor);
    expect((await erase('--actor', actor.sub)).stdout).toBe(
      '{"actor_tokens":1,"sessions":1,"live":2,"unreadable":0}\n',
    );
    await callBackend('DELETE', `/v1/users/${userId}`);

    expect((await erase('--actor', actor.sub)).stdout).toBe(
      '{"actor_tokens":1,"sessions":1,"live":0,"unreadable":0}\n',
    );
    const stored = [await session(sessionId), await actorToken(actorTokenId)];
    expect((await erase(userId)).stdout).toBe('{"actor_tokens":0,"sessions":0,"live":0,"unreadable":0}\n');
    expect([await session(sessionId), await actorToken(actorTokenId)]).toEqual(stored);
  });

  test('is continued by the next run after DynamoDB refused a part of it', async () => {
    const actor = anAgent();
    await anEndedStory(actor);
    const proxy = await startFaultProxy(dynamodbEndpoint);
    onTestFinished(proxy.stop);
    proxy.hurt({ operation: 'UpdateItem', table: environment.ACTOR_TOKENS_TABLE }, throttling);
    const { env } = await deployedStack(undefined, proxy.endpoint);

    expect(await execute(users, ['erase', '--actor', actor.sub], env)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'DynamoDB is throttling requests: wait a little and try again.\n',
    });
    expect((await erase('--actor', actor.sub)).stdout).toBe(
      '{"actor_tokens":1,"sessions":0,"live":0,"unreadable":0}\n',
    );
  });
});

describe('a record from which a person was erased', () => {
  test('is read, listed and answered by every operation as before, with an actor that names nobody', async () => {
    const actor = anAgent();
    const { sessionId, userId, actorTokenId } = await anEndedStory(actor);
    await erase('--actor', actor.sub);

    const read = await callBackend('GET', `/v1/sessions/${sessionId}`);
    const listed = await callBackend('GET', `/v1/sessions?user_id=${userId}`);
    const ended = await callBackend('POST', `/v1/sessions/${sessionId}/revoke`);
    const revoked = await callBackend('POST', `/v1/actor_tokens/${actorTokenId}/revoke`);

    expect(read).toMatchObject({ status: 200, json: { status: 'ended', actor: { sub: 'erased' }, user_id: userId } });
    expect(listed.json).toEqual([read.json]);
    expect(ended).toMatchObject({ status: 200, json: read.json });
    expect(revoked).toMatchObject({
      status: 400,
      json: { errors: [{ code: 'actor_token_cannot_be_revoked_code', meta: { session_id: sessionId } }] },
    });
  });

  test('gets no address and no browser back by an end that comes later', async () => {
    const actor = anAgent();
    const { sessionId } = await aSignedInBrowser({ actor });
    await storeItem('SESSIONS', { ...(await session(sessionId)), last_active_at: Date.now() - 600_001 });
    await erase('--actor', actor.sub);

    expect((await callBackend('POST', `/v1/sessions/${sessionId}/revoke`)).status).toBe(200);

    expect(await session(sessionId)).toMatchObject({ end_status: 'revoked', ended_from: null, ended_with: null });
  });

  test('never signs anybody in again, not even when its end is taken back in the table', async () => {
    const actor = anAgent();
    const user_id = await aUser();
    const { browser, sessionId, ticket } = await aSignedInBrowser({ actor, user_id });
    const before = await session(sessionId);
    await browser.post(`/v1/client/sessions/${sessionId}/end`);
    await erase('--actor', actor.sub);

    expect(outcome(await new Browser().redeem(ticket))).toEqual(refusal(400, 'ticket_invalid_code'));
    await storeItem('SESSIONS', before ?? {});
    expect(outcome(await browser.post(`/v1/client/sessions/${sessionId}/tokens`))).toEqual(
      refusal(401, 'authentication_invalid'),
    );
    expect(await session(sessionId)).toMatchObject({ end_cause: 'tampered' });
  });
});

test('what cannot be read keeps nothing else from being erased, and is reported', async () => {
  const actor = anAgent();
  const [one, other] = [await anEndedStory(actor), await anEndedStory(actor)];
  await changeItem('SESSIONS', { id: one.sessionId }, { created_at: 9e15 });
  await changeItem('ACTOR_TOKENS', { id: other.actorTokenId }, { user_id: 'nobody' });
  onTestFinished(async () => {
    await deleteItem('SESSIONS', { id: one.sessionId });
    await deleteItem('ACTOR_TOKENS', { id: other.actorTokenId });
  });

  const { status, stdout, stderr } = await erase('--actor', actor.sub);

  expect(status).toBe(1);
  // The actor token of a session that cannot be read may still be live.
  expect(stdout).toBe('{"actor_tokens":0,"sessions":1,"live":0,"unreadable":3}\n');
  for (const id of [one.sessionId, one.actorTokenId, other.actorTokenId])
    expect(stderr).toContain(`${id} is not erased: `);
});

describe('erasing is refused', () => {
  test('for a user who still exists', async () => {
    const id = await aUser();

    expect(await erase(id)).toEqual({
      status: 1,
      stdout: '',
      stderr: `${id} still exists: delete the user first (DELETE /v1/users/${id}), then erase the records.\n`,
    });
  });

  test.each([
    [[], /^Write one person to erase: /],
    [['--actor', ''], /^Write one person to erase: /],
    [['--actor', 'a', `user_${'0'.repeat(27)}`], /^Write one person to erase: /],
    [[`user_${'0'.repeat(27)}`, `user_${'1'.repeat(27)}`], /^Write one person to erase: /],
    [['customer_1'], /^customer_1 is not the id of a user: /],
    [['customer\u202e_1'], /^customer\ufffd_1 is not the id of a user: /],
  ])('for %j, which is not one person', async (args, message) => {
    expect(await erase(...args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(message) });
  });
});

test('the result is one line for people', async () => {
  const actor = anAgent();
  await anEndedStory(actor);

  expect((await execute(users, ['erase', '--actor', actor.sub, ...LOCAL])).stdout).toBe(
    'erased 1 actor token, 1 session\n',
  );
});
