/**
 * The conditions of the writes, one term after the other: each write meets an item that is refused by this term alone. An operation reads
 * before it writes, so only such an item, which somebody has changed in between, shows what the condition itself decides.
 */
import { randomUUID } from 'node:crypto';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from 'vitest';
import type { ActorToken } from '../../shared/actor-tokens/actor-token.ts';
import {
  acceptanceAttributes,
  actorTokenErasure,
  refusedRedemption,
} from '../../shared/actor-tokens/actor-token-record.ts';
import { revokeActorToken } from '../../shared/actor-tokens/revoke-actor-token.ts';
import { newId } from '../../shared/base/ids.ts';
import { epochMs } from '../../shared/base/time.ts';
import type { Client } from '../../shared/clients/client.ts';
import { clientItem } from '../../shared/clients/client-record.ts';
import { endSession, revokeSession } from '../../shared/sessions/end-session.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { sessionErasure } from '../../shared/sessions/session-record.ts';
import { touchSession } from '../../shared/sessions/touch-session.ts';
import {
  acceptActorToken,
  checkUser,
  endPreviousSession,
  planRedemption,
  rotateClient,
  startSession,
} from '../../shared/sign-ins/redemption.ts';
import { type Change, writeChange } from '../../shared/storage/update.ts';
import { writeAll } from '../../shared/storage/write.ts';
import type { User } from '../../shared/users/user.ts';
import { userItem } from '../../shared/users/user-record.ts';
import { anyUser } from '../support/any-user.ts';
import { testInstance } from '../support/http.ts';
import {
  browser,
  codeOf,
  longAgo,
  ownToken,
  server,
  storeSession,
  storeToken,
  storeUser,
} from '../support/own-records.ts';
import { type StoredItem, storedItem, storeItem, type Table } from '../support/stored.ts';

const now = longAgo;
const instance = testInstance();
const call = { instance, now, caller: browser };
const revokingCall = { instance, now, caller: server };
const other = instance.generation + 1;

const isMet = async (change: Change) => (await writeChange(instance, change)).committed;
const isWritten = async (write: Parameters<typeof writeAll>[1][number]) =>
  (await writeAll(instance, [write], randomUUID())).committed;

/** The planned redemption of a token, by a browser with a client or without one. */
function aRedemption({ token = ownToken(), client }: { token?: ActorToken; client?: Client } = {}) {
  const ticket = { actorTokenId: token.id, hash: token.ticketHash, signature: 'signature' };
  const returning = client && { client, presented: { id: client.id, secretHash: client.secretHash } };
  return planRedemption({ ticket, actorToken: token, browser: returning, origin: undefined }, call);
}

describe('a redemption', () => {
  test.each<[what: string, attributes: StoredItem, expected: boolean]>([
    ['as it was created is redeemed', {}, true],
    ['a millisecond before its end is redeemed', { expire_at: now + 1 }, true],
    ['at its end is not', { expire_at: now }, false],
    ['that was accepted is not', { status: 'accepted' }, false],
    ['that was revoked is not', { status: 'revoked' }, false],
    ['of another ticket is not', { ticket_hash: 'another' }, false],
    ['of another generation is not', { generation: other }, false],
  ])('of a token %s', async (_, attributes, expected) => {
    const redemption = aRedemption();
    await storeToken(redemption.actorToken, attributes);

    expect(await isWritten(acceptActorToken(redemption).write)).toBe(expected);
  });

  test('starts no session where its session exists', async () => {
    const { write } = startSession(aRedemption());

    expect([await isWritten(write), await isWritten(write)]).toEqual([true, false]);
  });

  test('gives a new browser no client that exists', async () => {
    const { write } = rotateClient(aRedemption());

    expect([await isWritten(write), await isWritten(write)]).toEqual([true, false]);
  });

  test.each<[what: string, attributes: StoredItem, expected: boolean]>([
    ['has the presented secret is rotated', {}, true],
    ['got another secret is not', { secret_hash: 'b'.repeat(64) }, false],
    ['is of another generation is not', { generation: other }, false],
  ])('a client that %s', async (_, attributes, expected) => {
    const { client } = aRedemption();
    await storeItem('CLIENTS', { ...unmarshall(clientItem(client)), ...attributes });

    expect(await isWritten(rotateClient(aRedemption({ client })).write)).toBe(expected);
  });

  const createdAt = epochMs(now - 1000);
  test.each<[what: string, members: Partial<User>, expected: boolean]>([
    ['as they were', {}, true],
    ['whose ban was lifted before the token was created', { unbannedAt: epochMs(createdAt - 1) }, true],
    ['whose ban was lifted when the token was created', { unbannedAt: createdAt }, true],
    ['whose ban was lifted afterwards', { unbannedAt: epochMs(createdAt + 1) }, false],
    ['who is banned', { banned: true }, false],
    ['who has another external id', { externalId: 'customer_2' }, false],
    ['who has no external id', { externalId: null }, false],
  ])('signs somebody in as a user %s: %s', async (_, members, expected) => {
    const user = anyUser({ id: newId('user', now), externalId: 'customer_1', ...members });
    await storeUser(user);
    const token = ownToken({ userId: user.id, externalId: 'customer_1', createdAt });

    expect(await isWritten(checkUser(aRedemption({ token }), user).write)).toBe(expected);
  });

  test('that is refused has the items that refused it', async () => {
    const user = anyUser({ id: newId('user', now), banned: true });
    const token = ownToken({ userId: user.id, status: 'revoked' });
    await storeUser(user);
    await storeToken(token);
    const redemption = aRedemption({ token });
    const writes = [acceptActorToken(redemption).write, checkUser(redemption, user).write];

    expect(await writeAll(instance, writes, randomUUID())).toMatchObject({
      committed: false,
      failed: [{ current: { id: token.id } }, { current: { id: user.id } }],
    });
  });

  test('signs nobody in as a user who does not exist', async () => {
    const user = anyUser({ id: newId('user', now) });

    expect(await isWritten(checkUser(aRedemption({ token: ownToken({ userId: user.id }) }), user).write)).toBe(false);
  });

  test('signs somebody in only as the user whom the policy has judged', async () => {
    const user = anyUser({ id: newId('user', now) });
    await storeUser(user);
    const withPolicy = testInstance({}, { policy: { version: '1', rules: [] } });
    const redemption = {
      ...aRedemption({ token: ownToken({ userId: user.id }) }),
      call: { ...call, instance: withPolicy },
    };
    const changed = { ...user, updatedAt: epochMs(user.updatedAt + 1) };

    expect(await isWritten(checkUser(redemption, user).write)).toBe(true);
    expect(await isWritten(checkUser(redemption, changed).write)).toBe(false);
    expect(await isWritten(checkUser({ ...redemption, call }, changed).write)).toBe(true);
  });

  test.each<[what: string, user: Partial<User> | undefined, code: string]>([
    ['who does not exist', undefined, 'actor_token_subject_not_found'],
    ['who is banned', { banned: true }, 'user_banned'],
    ['whose ban was lifted', { unbannedAt: epochMs(createdAt + 1) }, 'actor_token_cannot_be_used_code'],
    ['who has another external id', { externalId: 'customer_2' }, 'actor_token_cannot_be_used_code'],
    ['who only was changed', {}, 'too_many_requests'],
  ])('is refused for a user %s with the code %s', (_, members, code) => {
    const token = ownToken({ externalId: 'customer_1', createdAt });
    const { refusal } = checkUser(aRedemption({ token }), anyUser());
    const current = members && unmarshall(userItem(anyUser({ externalId: 'customer_1', ...members })));

    expect(refusal(current).code).toBe(code);
  });

  test.each<[what: string, members: Partial<Client>, expected: boolean]>([
    ['can be live', { sessionExpireAt: epochMs(now + 1) }, true],
    ['expires now', { sessionExpireAt: now }, false],
    ['has expired', { sessionExpireAt: epochMs(now - 1) }, false],
  ])('ends the previous session of the browser when it %s: %s', (_, members, expected) => {
    const client = { ...aRedemption().client, ...members };

    expect(endPreviousSession(aRedemption({ client })) !== undefined).toBe(expected);
  });

  test('never ends the session that it starts', () => {
    const token = ownToken();
    const { client } = aRedemption({ token });

    expect(endPreviousSession(aRedemption({ token, client }))).toBeUndefined();
  });

  test.each<[what: string, attributes: StoredItem, expected: boolean]>([
    ['of this browser', {}, true],
    ['that has ended already', { end_status: 'ended' }, true],
    ['of another client', { client_id: newId('client', now) }, false],
    ['of an earlier sign-in of the client', { client_secret_hash: 'b'.repeat(64) }, false],
    ['of another generation', { generation: other }, false],
  ])('writes the end of a previous session %s: %s', async (_, attributes, expected) => {
    const { session, client } = aRedemption();
    await storeSession(session, attributes);
    const write = endPreviousSession(aRedemption({ client }));

    expect(await isWritten(write ?? {})).toBe(expected);
  });
});

/** Stores a session that was active a minute ago, and returns it with its browser. */
async function aSession(attributes: StoredItem = {}) {
  const { session } = aRedemption();
  const stored = { ...session, lastActiveAt: epochMs(now - 60_000), expireAt: epochMs(now + 60_000) };
  await storeSession(stored, attributes);
  return { session: stored, presented: { id: session.clientId, secretHash: session.clientSecretHash } };
}

const stored = (table: Table, id: string) => storedItem(table, { id });

const inactivityInMs = instance.inactivityInSeconds * 1000;

describe('activity', () => {
  test.each<[what: string, attributes: StoredItem, code: string]>([
    ['that is active', {}, 'done'],
    ['that expires in a millisecond', { expire_at: now + 1 }, 'done'],
    ['that expires now', { expire_at: now }, 'authentication_invalid'],
    ['that has ended', { end_status: 'ended', ended_at: now - 1 }, 'authentication_invalid'],
    ['that was inactive for a millisecond less than it may', { last_active_at: now - inactivityInMs + 1 }, 'done'],
    ['that was inactive for too long', { last_active_at: now - inactivityInMs }, 'authentication_invalid'],
    ['of another generation', { generation: other }, 'resource_not_found'],
    ['of another client', { client_id: newId('client', now) }, 'resource_not_found'],
    ['of an earlier sign-in', { client_secret_hash: 'b'.repeat(64) }, 'authentication_invalid'],
  ])('on a session %s: %s', async (_, attributes, code) => {
    const { session, presented } = await aSession(attributes);
    const before = await stored('SESSIONS', session.id);

    expect(await codeOf(touchSession(session.id, presented, call))).toBe(code);
    expect(await stored('SESSIONS', session.id)).toEqual({
      ...before,
      ...(code === 'done' && { last_active_at: now }),
    });
  });

  test('that is later is kept', async () => {
    const { session, presented } = await aSession({ last_active_at: now + 1 });

    expect((await touchSession(session.id, presented, call)).lastActiveAt).toBe(now + 1);
    expect(await stored('SESSIONS', session.id)).toMatchObject({ last_active_at: now + 1 });
  });
});

describe('an end', () => {
  const end = { status: 'ended', cause: 'sign_out' } as const;

  test.each<[what: string, attributes: StoredItem, code: string]>([
    ['of this browser', {}, 'done'],
    ['that has ended otherwise', { end_status: 'revoked', ended_at: now - 1, end_cause: 'backend_revoke' }, 'done'],
    ['that a sign-in has replaced', { end_status: 'removed', end_cause: 'sign_in' }, 'authentication_invalid'],
    ['of another generation', { generation: other }, 'resource_not_found'],
    ['of another client', { client_id: newId('client', now) }, 'resource_not_found'],
    ['of an earlier sign-in', { client_secret_hash: 'b'.repeat(64) }, 'authentication_invalid'],
  ])('by the browser, of a session %s: %s', async (_, attributes, code) => {
    const { session, presented } = await aSession(attributes);

    expect(await codeOf(endSession({ id: session.id, ...end }, presented, call))).toBe(code);
  });

  test('by a server, of a session of another generation or of none, is refused', async () => {
    const { session } = await aSession({ generation: other });

    expect(await codeOf(revokeSession(session.id, revokingCall))).toBe('resource_not_found');
    expect(await codeOf(revokeSession(newId('sess', now), revokingCall))).toBe('resource_not_found');
    expect(await stored('SESSIONS', session.id)).not.toHaveProperty('end_status');
  });
});

describe('erasing a person', () => {
  test.each<[what: string, attributes: StoredItem, expected: boolean]>([
    ['is active', {}, false],
    ['expires in a millisecond', { expire_at: now + 1 }, false],
    ['expires now', { expire_at: now }, true],
    ['was inactive for a millisecond less than it may', { last_active_at: now - inactivityInMs + 1 }, false],
    ['was inactive for too long', { last_active_at: now - inactivityInMs }, true],
    ['has ended', { end_status: 'ended' }, true],
    ['was erased before', { end_status: 'ended', erased_at: now - 1 }, false],
  ])('from a session that %s: %s', async (_, attributes, expected) => {
    const { session } = await aSession(attributes);

    expect(await isMet(sessionErasure(session as Session, call))).toBe(expected);
  });

  test.each<[what: string, members: Partial<ActorToken>, attributes: StoredItem, expected: boolean]>([
    ['is pending', {}, {}, false],
    ['expires in a millisecond', {}, { expire_at: now + 1 }, false],
    ['expires now', {}, { expire_at: now }, true],
    ['was revoked', { status: 'revoked' }, {}, true],
    ['was redeemed meanwhile', {}, { status: 'accepted', expire_at: now }, false],
    ['was erased before', { status: 'revoked' }, { erased_at: now - 1 }, false],
  ])('from an actor token that %s: %s', async (_, members, attributes, expected) => {
    const token = ownToken(members);
    await storeToken(token, attributes);

    expect(await isMet(actorTokenErasure(token, call))).toBe(expected);
  });
});

describe('a refused redemption', () => {
  test.each<[what: string, attributes: StoredItem, expected: boolean]>([
    ['that was never refused', {}, true],
    ['that was refused a millisecond earlier', { refused_at: now - 1 }, true],
    ['that was refused at the same time', { refused_at: now }, false],
    ['that was refused later', { refused_at: now + 1 }, false],
    ['that was accepted', { status: 'accepted' }, false],
  ])('is recorded at a token %s: %s', async (_, attributes, expected) => {
    const token = ownToken();
    await storeToken(token, attributes);

    expect(await isMet(refusedRedemption(token, { cause: 'policy', at: now }, call))).toBe(expected);
  });
});

describe('a revocation', () => {
  const verified = { iss: 'https://idp.example.com', sub: 'ada', iat: 1 };
  const operator = { subject: 'ada', verified };

  test.each<[what: string, attributes: StoredItem, code: string]>([
    ['that is pending', {}, 'done'],
    ['that has expired', { expire_at: now }, 'done'],
    [
      'that was accepted',
      acceptanceAttributes({ attempt: 'nonce', caller: browser, now }, aRedemption().acceptance),
      'actor_token_cannot_be_revoked_code',
    ],
    ['that was revoked', { status: 'revoked' }, 'actor_token_cannot_be_revoked_code'],
    ['that was refused', { status: 'refused' }, 'resource_not_found'],
    ['of another generation', { generation: other }, 'resource_not_found'],
  ])('of a token %s: %s', async (_, attributes, code) => {
    const token = ownToken();
    await storeToken(token, attributes);

    expect(await codeOf(revokeActorToken(token.id, revokingCall))).toBe(code);
  });

  test('by an operator is of their own token only', async () => {
    const own = ownToken({ verified });
    const others = ownToken();
    const operatorCall = { ...call, caller: { ...browser, operator } };
    await storeToken(own, {}, operatorCall.caller);
    await storeToken(others);

    expect(await codeOf(revokeActorToken(others.id, operatorCall))).toBe('resource_not_found');
    expect(await codeOf(revokeActorToken(own.id, operatorCall))).toBe('done');
  });
});
