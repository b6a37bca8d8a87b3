// What a writer of the tables can do nevertheless. docs/security.md names each of these; a test here shows that it is so.
import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { MINUTE, noon, setClock, startAtNoon } from '../support/clock.ts';
import { aPendingActorToken, aSignedInBrowser, aUser, type GivenSession } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { summary } from '../support/refusal.ts';
import { changeItem, deleteItem, storedItem, storeItem } from '../support/stored.ts';
import { decoded } from '../support/tickets.ts';
import { operations } from './operations.ts';
import { aSignedOutStory, aStory, attempts, recordOf, storyOf } from './stories.ts';

startAtNoon();

const notEnded = {
  end_status: undefined,
  ended_at: undefined,
  end_cause: undefined,
  ended_by: undefined,
  ended_from: undefined,
  ended_with: undefined,
};
const mint = ({ browser, sessionId }: GivenSession) => browser.post(`/v1/client/sessions/${sessionId}/tokens`);

describe('accepted: a writer of Sessions', () => {
  test('feigns activity, up to the fixed end', async () => {
    const story = await aStory();
    setClock(noon + 29 * MINUTE);
    await changeItem('SESSIONS', { id: story.sessionId }, { last_active_at: noon + 1000 * MINUTE });

    const before = await mint(story);
    setClock(noon + 30 * MINUTE);
    await changeItem('SESSIONS', { id: story.sessionId }, { last_active_at: noon + 1000 * MINUTE });
    const after = await attempts(operations, story);

    expect(before.status).toBe(200);
    expect(after.filter(({ gave }) => gave !== 'nothing')).toEqual([]);
  });

  test('takes back the end of a session, in its own browser and up to its fixed end', async () => {
    const story = await aStory();
    const mallory = await aSignedOutStory();
    await callBackend('POST', `/v1/sessions/${story.sessionId}/revoke`);
    const ended = await mint({ ...story, browser: story.browser.clone() });
    const revive = () => changeItem('SESSIONS', { id: story.sessionId }, notEnded);
    await revive();

    const own = await mint(story);
    const foreign = await mint({ ...story, browser: mallory.browser });
    setClock(noon + 30 * MINUTE);
    const late = await attempts(operations, story, revive);

    expect([ended, own, foreign].map(summary)).toEqual(['401 authentication_invalid', '200', '404 resource_not_found']);
    expect(late.filter(({ gave }) => gave !== 'nothing')).toEqual([]);
  });

  test('chooses the page that a session token names when the request names none', async () => {
    const { allowedOrigin } = inject('stack');
    const story = await aStory();
    await changeItem('SESSIONS', { id: story.sessionId }, { origin: allowedOrigin });

    const answer = await mint(story);

    expect(decoded(answer.json.jwt).payload.azp).toBe(allowedOrigin);
  });

  test('ends a session, or deletes it from the record', async () => {
    const [ended, deleted] = [await aStory(), await aStory()];
    await changeItem('SESSIONS', { id: ended.sessionId }, { end_status: 'ended', ended_at: noon });
    await deleteItem('SESSIONS', { id: deleted.sessionId });

    const answers = [await mint(ended), await mint(deleted)];

    expect(answers.map(summary)).toEqual(['401 authentication_invalid', '404 resource_not_found']);
  });
});

describe('accepted: a writer of Clients', () => {
  test('keeps a session alive when its browser signs in again, for the one who has a copy of the old cookie', async () => {
    const story = await aStory();
    const copy = { ...story, browser: story.browser.clone() };
    await changeItem('CLIENTS', { id: story.records.CLIENTS.id }, { session_expire_at: noon });
    const { ticket } = await aPendingActorToken();

    const signedIn = await story.browser.redeem(ticket);

    expect([signedIn, await mint(copy)].map(summary)).toEqual(['200', '200']);
  });

  test('signs a browser out, and its session lives on for the backend', async () => {
    const { browser, sessionId, records } = await aStory();
    await deleteItem('CLIENTS', { id: records.CLIENTS.id });

    const client = await browser.get('/v1/client');
    const session = await callBackend('GET', `/v1/sessions/${sessionId}`);

    expect(client.json.response).toBeNull();
    expect(session.json.status).toBe('active');
  });
});

describe('accepted: a writer of ActorTokens', () => {
  test('takes back the revocation of an actor token, for the one who has its ticket', async () => {
    const { id, ticket, userId } = await aPendingActorToken();
    await callBackend('POST', `/v1/actor_tokens/${id}/revoke`);
    const revoked = await new Browser().redeem(ticket);
    await changeItem('ACTOR_TOKENS', { id }, { status: 'pending' });

    const answer = await new Browser().redeem(ticket);

    expect([revoked, answer].map(summary)).toEqual(['400 actor_token_revoked_code', '200']);
    expect(answer.json.client.sessions[0].user.id).toBe(userId);
  });
});

describe('accepted: a writer of Users', () => {
  test('lifts a ban, with no trace of it', async () => {
    const story = await aStory();
    const { ticket } = await aPendingActorToken({ user_id: story.userId });
    // The sweep of the ban has missed this session.
    await changeItem('USERS', { id: story.userId }, { banned: true, banned_at: noon });
    const banned = await new Browser().redeem(ticket);
    await changeItem('USERS', { id: story.userId }, { banned: false, banned_at: undefined, unbanned_at: undefined });

    const answers = [await mint(story), await new Browser().redeem(ticket)];

    expect([banned, ...answers].map(summary)).toEqual(['403 user_banned', '200', '200']);
  });

  test('changes what a session shows of its user, and not whom its session tokens name', async () => {
    const story = await aStory();
    await changeItem('USERS', { id: story.userId }, { first_name: 'Somebody else' });

    const { json } = await story.browser.post(`/v1/client/sessions/${story.sessionId}/touch`);

    expect(json.response.user.first_name).toBe('Somebody else');
    expect(decoded(json.response.last_active_token.jwt).payload.sub).toBe(story.userId);
  });
});

test('accepted: a writer of SecretKeys adds a secret key, and may then do all that a secret key may', async () => {
  const hashOf = (secretKey: string) => createHash('sha256').update(secretKey).digest('hex');
  const secret = `sk_test_${randomUUID()}`;
  const own = await storedItem('SECRET_KEYS', { hash: hashOf(inject('stack').secretKey) });
  await storeItem('SECRET_KEYS', { ...own, hash: hashOf(secret) });
  const user_id = await aUser();

  const body = { user_id, actor: { sub: 'mallory' } };
  const { json } = await callBackend('POST', '/v1/actor_tokens', body, { authorization: `Bearer ${secret}` });
  const answer = await new Browser().redeem(json.token);

  expect(answer.json.client.sessions[0]).toMatchObject({ actor: { sub: 'mallory' }, user: { id: user_id } });
});

describe('accepted: a writer of two tables', () => {
  test('lets a ticket be redeemed again until it expires, through ActorTokens and Sessions', async () => {
    const { actorTokenId, sessionId, ticket, userId } = await aSignedInBrowser();
    await changeItem('ACTOR_TOKENS', { id: actorTokenId }, { status: 'pending' });
    await deleteItem('SESSIONS', { id: sessionId });

    const answer = await new Browser().redeem(ticket);

    expect(summary(answer)).toBe('200');
    expect(answer.json.client.sessions[0].user.id).toBe(userId);
  });

  test('hands a session to another browser, through ActorTokens and Sessions', async () => {
    const [mallory, victim] = [await aSignedOutStory(), await aStory()];
    const { id: client_id, secret_hash: client_secret_hash } = mallory.records.CLIENTS;
    await changeItem('ACTOR_TOKENS', { id: victim.actorTokenId }, { client_id, client_secret_hash });
    await changeItem('SESSIONS', { id: victim.sessionId }, { client_id, client_secret_hash });

    const answer = await mint({ ...victim, browser: mallory.browser });

    expect(decoded(answer.json.jwt).payload.sub).toBe(victim.userId);
  });

  test('starts a redeemed session anew, up to the longest life of its ticket and its duration', async () => {
    const session = await aSignedInBrowser({ expires_in_seconds: 3600, session_max_duration_in_seconds: 600 });
    const { records } = await storyOf(session);
    const restartedAt = (at: number) =>
      Promise.all([
        storeItem('ACTOR_TOKENS', { ...records.ACTOR_TOKENS, accepted_at: at }),
        storeItem('SESSIONS', {
          ...records.SESSIONS,
          created_at: at,
          last_active_at: at,
          expire_at: Math.min(at, noon + 60 * MINUTE) + 10 * MINUTE,
        }),
      ]);
    setClock(noon + 69 * MINUTE);
    await restartedAt(noon + 69 * MINUTE);

    const before = await mint(session);
    setClock(noon + 70 * MINUTE);
    await restartedAt(noon + 70 * MINUTE);
    const after = await attempts(operations, session);

    expect(before.status).toBe(200);
    expect(after.filter(({ gave }) => gave !== 'nothing')).toEqual([]);
  });

  test('does not change what a ticket was signed for, not even with all the tables', async () => {
    const story = await aStory();
    const user_id = await aUser();
    await changeItem('ACTOR_TOKENS', { id: story.actorTokenId }, { user_id });
    await changeItem('SESSIONS', { id: story.sessionId }, { user_id });
    await changeItem('CLIENTS', { id: story.records.CLIENTS.id }, { user_id });

    const answers = await attempts(operations, { ...story, userId: user_id }, () =>
      changeItem('SESSIONS', { id: story.sessionId }, notEnded),
    );

    expect(answers.filter(({ gave }) => gave !== 'nothing')).toEqual([]);
    expect(await recordOf('ACTOR_TOKENS', story.actorTokenId)).toMatchObject({ status: 'accepted' });
  });
});
