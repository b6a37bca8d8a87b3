// The reads of whole tables, which only administrators' commands make: each term of their filters.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ActorToken } from '../../shared/actor-tokens/actor-token.ts';
import { pendingActorTokenItems } from '../../shared/actor-tokens/pending-actor-tokens.ts';
import { newId } from '../../shared/base/ids.ts';
import { epochMs } from '../../shared/base/time.ts';
import { eraseRecords } from '../../shared/sessions/erase-records.ts';
import { unendedSessionItems } from '../../shared/sessions/unended-sessions.ts';
import { aSession } from '../support/a-session.ts';
import { testInstance } from '../support/http.ts';
import { idsIn, longAgo, ownToken, server, storeSession, storeToken } from '../support/own-records.ts';
import { type StoredItem, storedItem } from '../support/stored.ts';

const now = longAgo;
const instance = testInstance();
const call = { instance, now, caller: server };
const other = instance.generation + 1;

/** Stores an actor token with these attributes. */
async function aStoredToken(attributes: StoredItem, members: Partial<ActorToken> = {}): Promise<ActorToken> {
  const token = ownToken(members);
  await storeToken(token, attributes);
  return token;
}

/** Stores a session that ends in a minute, with these attributes, and returns its id. */
async function aStoredSession(attributes: StoredItem, members: Partial<ActorToken> = {}): Promise<string> {
  const session = aSession({ expireAt: epochMs(now + 60_000) }, ownToken(members));
  await storeSession(session, attributes);
  return session.id;
}

test.each<[what: string, attributes: StoredItem, expected: boolean]>([
  ['is pending', {}, true],
  ['expires in a millisecond', { expire_at: now + 1 }, true],
  ['expires now', { expire_at: now }, false],
  ['was revoked', { status: 'revoked' }, false],
  ['is of another generation', { generation: other }, false],
])('an actor token that %s is listed as pending: %s', async (_, attributes, expected) => {
  const { id } = await aStoredToken(attributes);

  expect((await idsIn(pendingActorTokenItems(call))).includes(id)).toBe(expected);
});

test.each<[what: string, attributes: StoredItem, expected: boolean]>([
  ['has not ended', {}, true],
  ['expires in a millisecond', { expire_at: now + 1 }, true],
  ['expires now', { expire_at: now }, false],
  ['has ended', { end_status: 'ended' }, false],
  ['is of another generation', { generation: other }, false],
])('a session that %s is listed as one that has not ended: %s', async (_, attributes, expected) => {
  const id = await aStoredSession(attributes);

  expect((await idsIn(unendedSessionItems(call))).includes(id)).toBe(expected);
});

describe('erasing a person', () => {
  const counts = (counted: object) => ({ actorTokens: 0, sessions: 0, live: 0, unreadable: [], ...counted });

  test.each<[what: string, attributes: StoredItem, counted: object]>([
    ['pending', {}, { live: 1 }],
    ['pending for another millisecond', { expire_at: now + 1 }, { live: 1 }],
    ['expired now', { expire_at: now }, { actorTokens: 1 }],
    ['revoked', { status: 'revoked' }, { actorTokens: 1 }],
    ['refused', { status: 'refused' }, { actorTokens: 1 }],
    ['accepted, without a session', { status: 'accepted' }, { actorTokens: 1 }],
    ['erased before', { status: 'revoked', erased_at: 1 }, {}],
    ['not readable', { generation: 'one' }, { unreadable: [expect.stringMatching(/^act_/)] }],
  ])('looks at an actor token that is %s', async (_, attributes, counted) => {
    const userId = newId('user', now);
    const { id } = await aStoredToken(attributes, { userId });

    expect(await eraseRecords({ userId }, call)).toEqual(counts(counted));
    expect((await storedItem('ACTOR_TOKENS', { id }))?.erased_at === now).toBe('actorTokens' in counted);
  });

  test.each<[what: string, attributes: StoredItem, counted: object]>([
    ['active', {}, { live: 1 }],
    ['over now', { expire_at: now }, { sessions: 1 }],
    ['ended', { end_status: 'ended', ended_at: now }, { sessions: 1 }],
    ['not readable', { generation: 'one' }, { unreadable: [expect.stringMatching(/^sess_/)] }],
  ])('looks at a session that is %s', async (_, attributes, counted) => {
    const userId = newId('user', now);
    const id = await aStoredSession(attributes, { userId });

    expect(await eraseRecords({ userId }, call)).toEqual(counts(counted));
    expect((await storedItem('SESSIONS', { id }))?.erased_at === now).toBe('sessions' in counted);
  });

  test('looks at nobody else, neither at another user nor at an actor whose sub only contains the name', async () => {
    const sub = `support_${randomUUID()}`;
    const [ofActor, ofOther] = [
      await aStoredToken({ status: 'revoked' }, { actor: { sub } }),
      await aStoredToken({ status: 'revoked' }, { actor: { sub: `other_${sub}`, manager: sub } }),
    ];

    expect(await eraseRecords({ actorSub: sub }, call)).toEqual(counts({ actorTokens: 1 }));
    expect(await storedItem('ACTOR_TOKENS', { id: ofActor.id })).toMatchObject({ erased_at: now });
    expect(await storedItem('ACTOR_TOKENS', { id: ofOther.id })).not.toHaveProperty('erased_at');
  });
});
