// The conditions of the writes about users and secret keys, one term after the other, as in conditions.test.ts.
import { randomUUID } from 'node:crypto';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import { newId, type UserId } from '../../shared/base/ids.ts';
import { limits } from '../../shared/base/limits.ts';
import { epochMs } from '../../shared/base/time.ts';
import { createSecretKey } from '../../shared/secret-keys/create-secret-key.ts';
import { revokeSecretKey } from '../../shared/secret-keys/revoke-secret-key.ts';
import { banUser, unbanUser } from '../../shared/sign-ins/ban-user.ts';
import { writeAll } from '../../shared/storage/write.ts';
import { createUser } from '../../shared/users/create-user.ts';
import { parseCreateUser } from '../../shared/users/create-user-schema.ts';
import { findUserId, usersByCreation, usersByIdentifier } from '../../shared/users/read-users.ts';
import { updateUser } from '../../shared/users/update-user.ts';
import type { User } from '../../shared/users/user.ts';
import { lookupWrites } from '../../shared/users/user-lookups.ts';
import { aSession } from '../support/a-session.ts';
import { anyUser } from '../support/any-user.ts';
import { deliverTwice, type Fault } from '../support/fault-proxy.ts';
import { overtake, requestsOf, startFaults } from '../support/faults.ts';
import { testInstance } from '../support/http.ts';
import { codeOf, longAgo, ownToken, server, storeSession, storeUser } from '../support/own-records.ts';
import { changeItem, deleteItem, type StoredItem, storedItem, storeItem } from '../support/stored.ts';

const { dynamodb } = await startFaults();

const now = longAgo;
const instance = testInstance();
const call = { instance, now, caller: server };

const stored = (id: string) => storedItem('USERS', { id });

/** Stores a user of this test only. */
async function aStoredUser(members: Partial<User> = {}): Promise<User> {
  const user = anyUser({ id: newId('user', now), createdAt: now, updatedAt: epochMs(now - 1000), ...members });
  await storeUser(user);
  return user;
}

/** Lets others be ahead of each write of a user, and returns how often they were, with the outcome. */
async function overtaken(operation: string, act: (id: UserId) => Promise<unknown>) {
  const { id } = await aStoredUser();
  const others = overtake(dynamodb, requestsOf(operation, 'USERS', id), (times) =>
    changeItem('USERS', { id }, { updated_at: now + 10 * times }),
  );
  return { code: await codeOf(act(id)), times: others.hits };
}

const givenUp = { code: 'too_many_requests', times: 5 };

describe('creating a user', () => {
  const params = (members: object) => ({ ...parseCreateUser({}), ...members });

  test('with the id of another is refused by the id, and with the external id of another by that', async () => {
    const externalId = randomUUID();
    const user = await createUser(params({ id: newId('user', now), externalId, firstName: 'Ada' }), call);

    const sameId = createUser(params({ id: user.id, firstName: 'Grace' }), call);
    await expect(sameId).rejects.toMatchObject({ items: [{ meta: { param_name: 'id' } }] });
    const sameExternalId = createUser(params({ externalId }), call);
    await expect(sameExternalId).rejects.toMatchObject({ items: [{ meta: { param_name: 'external_id' } }] });
    expect(await stored(user.id)).toMatchObject({ first_name: 'Ada' });
  });

  test.each([
    [{ totpEnabled: true }, { mfa_enabled_at: now }],
    [{ totpEnabled: false }, { mfa_enabled_at: undefined }],
    [{ banned: true }, { banned: true, banned_at: now }],
    [{ banned: false }, { banned: false, banned_at: undefined }],
  ])('with %o stores %o', async (members, expected) => {
    const { id } = await createUser(params(members), call);

    expect(await stored(id)).toMatchObject(JSON.parse(JSON.stringify(expected)));
    expect(Object.keys((await stored(id)) ?? {}).includes(Object.keys(expected).at(-1) ?? '')).toBe(
      Object.values(expected).at(-1) !== undefined,
    );
  });
});

describe('the external id of a user who is deleted', () => {
  const isFreed = async (guard: StoredItem | undefined) => {
    const user = await aStoredUser({ externalId: randomUUID() });
    const id = `external_id#${user.externalId}`;
    if (guard) await storeItem('USERS', { id, user_id: user.id, ...guard });
    const { committed } = await writeAll(instance, lookupWrites(user, undefined, instance), randomUUID());
    return [committed, (await stored(id)) !== undefined];
  };

  test('is freed when it is their own, or free already, and not when it is the next one of another user', async () => {
    expect(await isFreed({})).toEqual([true, false]);
    expect(await isFreed(undefined)).toEqual([true, false]);
    expect(await isFreed({ user_id: newId('user', now) })).toEqual([false, true]);
  });
});

describe('a user', () => {
  test('is found by the longest external id, and no text is looked for that can be none', async () => {
    const longest = randomUUID().padEnd(limits.externalIdBytes, 'e');
    const user = await createUser({ ...parseCreateUser({}), externalId: longest }, call);

    expect(await findUserId(instance, longest)).toBe(user.id);
    const { result, requests } = await dynamodb.watch(() =>
      Promise.all(['', `${longest}e`, '\ud800', user.id].map((each) => findUserId(instance, each))),
    );
    expect(result).toEqual([undefined, undefined, undefined, user.id]);
    expect(requests).toEqual([]);
  });

  test('who was created in the first millisecond of 1970 is in the order of creation, in both directions', async () => {
    const atFirst = { createdAt: epochMs(0), firstName: 'First' };
    const [one, other] = [await aStoredUser(atFirst), await aStoredUser(atFirst)];
    onTestFinished(async () => {
      for (const { id } of [one, other]) await deleteItem('USERS', { id });
    });
    const inOrder = async (walk: Parameters<typeof usersByCreation>[1]) => {
      const ids: string[] = [];
      for await (const { id, createdAt } of usersByCreation(instance, walk)) {
        if (createdAt > 0) break;
        ids.push(id);
      }
      return ids;
    };

    const ids = await inOrder({ oldestFirst: true });
    expect(ids.toSorted()).toEqual([one.id, other.id].toSorted());
    const previous = ids[1] === one.id ? one : other;
    expect(await inOrder({ oldestFirst: false, previous })).toEqual([ids[0]]);
  });

  test('is looked for by identifiers of up to 2,048 bytes, which DynamoDB accepts', async () => {
    const lookUp = async (bytes: number) => {
      const { requests } = await dynamodb.watch(async () => {
        for await (const _ of usersByIdentifier(instance, ['i'.repeat(bytes)])) throw new Error('Nobody has this one.');
      });
      return requests.length;
    };

    expect([await lookUp(2048), await lookUp(2049)]).toEqual([1, 0]);
  });
});

describe('a ban', () => {
  test('of a user who does not exist is refused', async () => {
    expect(await codeOf(banUser(newId('user', now), call))).toBe('resource_not_found');
  });

  test.each([
    [now - 1, now],
    [now, now + 1],
    [now + 5, now + 6],
  ])('raises updated_at of %d to %d', async (updatedAt, expected) => {
    const { id } = await aStoredUser({ updatedAt: epochMs(updatedAt) });

    expect((await banUser(id, call)).updatedAt).toBe(expected);
    expect(await stored(id)).toMatchObject({ banned: true, banned_at: now, updated_at: expected });
  });

  test.each<[what: string, attributes: StoredItem, endStatus: string | undefined]>([
    ['is active', {}, 'revoked'],
    ['expires in a millisecond', { expire_at: now + 1 }, 'revoked'],
    ['has expired', { expire_at: now }, undefined],
    ['has ended', { end_status: 'ended', ended_at: now - 1 }, 'ended'],
    ['is of another generation', { generation: instance.generation + 1 }, undefined],
  ])('ends a session of the user that %s as %s', async (_, attributes, endStatus) => {
    const { id: userId } = await aStoredUser();
    const session = aSession({}, ownToken({ userId }));
    await storeSession(session, attributes);

    await banUser(userId, call);

    expect((await storedItem('SESSIONS', { id: session.id }))?.end_status).toBe(endStatus);
  });

  test('is given up after five attempts that others were ahead of', async () => {
    expect(await overtaken('UpdateItem', (id) => banUser(id, call))).toEqual(givenUp);
  });

  test.each<[what: string, members: Partial<User>, meanwhile: StoredItem, code: string]>([
    ['that stays as it was read is lifted', { bannedAt: epochMs(now - 9) }, {}, 'done'],
    ['without its time is lifted', {}, {}, 'done'],
    ['that was made anew is kept', { bannedAt: epochMs(now - 9) }, { banned_at: now - 5 }, 'too_many_requests'],
    ['that was made anew and had no time is kept', {}, { banned_at: now - 5 }, 'too_many_requests'],
  ])('%s', async (_, members, meanwhile, code) => {
    const { id } = await aStoredUser({ banned: true, ...members });
    overtake(dynamodb, requestsOf('UpdateItem', 'USERS', id, 1), () => changeItem('USERS', { id }, meanwhile));

    expect(await codeOf(unbanUser(id, call))).toBe(code);
    expect(await stored(id)).toMatchObject({ banned: code !== 'done' });
  });
});

describe('a change of a user', () => {
  test('is given up after five attempts that others were ahead of', async () => {
    const rename = (id: UserId) => updateUser(id, (user) => ({ ...user, firstName: 'Ada' }), call);

    expect(await overtaken('TransactWriteItems', rename)).toEqual(givenUp);
  });

  test.each([
    [now - 1, now],
    [now, now + 1],
    [now + 5, now + 6],
  ])('raises updated_at of %d to %d', async (updatedAt, expected) => {
    const { id } = await aStoredUser({ updatedAt: epochMs(updatedAt) });

    expect((await updateUser(id, (user) => user, call)).updatedAt).toBe(expected);
  });
});

describe('a secret key', () => {
  test('whose write arrives twice is created once', async () => {
    const name = randomUUID();
    dynamodb.hurt(requestsOf('PutItem', 'SECRET_KEYS', name, 1), deliverTwice);

    expect((await createSecretKey({ name }, call)).key).toMatchObject({ name, createdAt: now });
  });

  test('that is in the place of another key is not created', async () => {
    const name = randomUUID();
    const replace: Fault = async ({ body, forward, answer }) => {
      await forward({ ...body, Item: { ...body.Item, id: { S: newId('key', now) } } });
      answer(await forward());
    };
    dynamodb.hurt(requestsOf('PutItem', 'SECRET_KEYS', name, 1), replace);

    await expect(createSecretKey({ name }, call)).rejects.toThrow('exists already');
  });

  test('is revoked once, and keeps the time of it', async () => {
    const { key } = await createSecretKey({ name: randomUUID() }, call);
    const later = { ...call, now: epochMs(now + 5) };

    expect((await revokeSecretKey(key.id, call)).revokedAt).toBe(now);
    expect((await revokeSecretKey(key.id, later)).revokedAt).toBe(now);
  });

  test('that was deleted while it is revoked is not found', async () => {
    const { key } = await createSecretKey({ name: randomUUID() }, call);
    const remove: Fault = async ({ body, forward, answer }) => {
      await deleteItem('SECRET_KEYS', unmarshall(body.Key));
      answer(await forward());
    };
    dynamodb.hurt(requestsOf('UpdateItem', 'SECRET_KEYS', key.id, 1), remove);

    expect(await codeOf(revokeSecretKey(key.id, call))).toBe('resource_not_found');
  });
});
