// The reads of a list of sessions, and a sign-out whose write fails.
import { describe, expect, test } from 'vitest';
import { newId } from '../../shared/base/ids.ts';
import { epochMs } from '../../shared/base/time.ts';
import { signOut } from '../../shared/sessions/sign-out.ts';
import { throttling } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aSignedInBrowser, aUser } from '../support/given.ts';
import { callBackend, testInstance } from '../support/http.ts';
import { summary } from '../support/refusal.ts';
import { changeItem, deleteItem, storedItem } from '../support/stored.ts';

const { dynamodb } = await startFaults();

const DAY = 86_400_000;
const list = (query: string) => callBackend('GET', `/v1/sessions?${query}`);

describe('a list of sessions', () => {
  test.each([
    ['user_id=USER', undefined],
    ['user_id=USER&status=active', DAY],
    ['user_id=USER&status=ended', undefined],
    ['user_id=USER&actor_sub=nobody', undefined],
    ['client_id=CLIENT', undefined],
    ['client_id=CLIENT&status=active', DAY],
    ['status=active', DAY],
    ['actor_sub=nobody', DAY],
    ['actor_sub=nobody&status=active', DAY],
  ])('by %s reads the sessions since %s ms, among which all active ones are', async (query, expected) => {
    const now = epochMs(Date.now());
    const ids = query.replace('USER', newId('user', now)).replace('CLIENT', newId('client', now));

    const { requests } = await dynamodb.watch(() => list(ids));

    const queries = requests.filter(({ operation }) => operation === 'Query');
    const since = queries.map(({ body }) => body.ExpressionAttributeValues[':first']?.N);
    const ages = since.map((first) => (first === undefined ? undefined : Date.now() - Number(first)));
    expect(ages).toHaveLength(1);
    if (expected === undefined) expect(ages).toEqual([undefined]);
    else expect(Math.abs((ages[0] ?? 0) - expected)).toBeLessThan(60_000);
  });

  test('of a client that no session can have is empty, also with a user', async () => {
    const { userId } = await aSignedInBrowser();

    expect((await list('client_id=nonsense&paginated=true')).json).toEqual({ data: [], total_count: 0 });
    expect((await list(`user_id=${userId}&client_id=nonsense`)).json).toEqual([]);
    expect((await list(`user_id=${userId}`)).json).toHaveLength(1);
  });

  test('has an old session of a user that has ended', async () => {
    const { sessionId, userId } = await aSignedInBrowser();
    const times = { created_at: 1, expire_at: 2, last_active_at: 1 };
    await changeItem('SESSIONS', { id: sessionId }, times);

    expect((await list(`user_id=${userId}`)).json).toMatchObject([{ id: sessionId, status: 'expired' }]);
  });

  test('of an actor has no session of another', async () => {
    const user_id = await aUser();
    const actor = { sub: `support_${user_id}` };
    const own = await aSignedInBrowser({ user_id, actor });
    await aSignedInBrowser({ user_id });

    const ids = ({ json }: Awaited<ReturnType<typeof list>>) => json.map(({ id }: { id: string }) => id);

    expect(ids(await list(`actor_sub=${actor.sub}`))).toEqual([own.sessionId]);
    expect(ids(await list(`user_id=${user_id}&actor_sub=${actor.sub}`))).toEqual([own.sessionId]);
    expect(ids(await list(`user_id=${user_id}`))).toHaveLength(2);
  });

  test('of a user fails when the record of a session cannot be read', async () => {
    const { actorTokenId, userId } = await aSignedInBrowser();
    const { generation } = (await storedItem('ACTOR_TOKENS', { id: actorTokenId })) ?? {};
    await changeItem('ACTOR_TOKENS', { id: actorTokenId }, { generation: 'one' });

    const answer = await list(`user_id=${userId}`);
    await changeItem('ACTOR_TOKENS', { id: actorTokenId }, { generation });

    expect(summary(answer)).toBe('503 service_unavailable');
    expect(summary(await list(`user_id=${userId}`))).toBe('200');
  });
});

describe('a sign-out', () => {
  const signedIn = async () => {
    const { sessionId } = await aSignedInBrowser();
    const { client_id: id, client_secret_hash: secretHash } = (await storedItem('SESSIONS', { id: sessionId })) ?? {};
    const caller = { sourceIp: '192.0.2.1', userAgent: undefined };
    const call = { instance: testInstance(), now: epochMs(Date.now()), caller };
    return { sessionId, clientId: id, act: () => signOut({ id, secretHash }, call) };
  };

  test('of a session that is no longer stored is done', async () => {
    const { sessionId, clientId, act } = await signedIn();
    await deleteItem('SESSIONS', { id: sessionId });

    expect(await act()).toMatchObject({ id: clientId });
  });

  test('that DynamoDB throttles is not', async () => {
    const { sessionId, act } = await signedIn();
    dynamodb.hurt(requestsOf('UpdateItem', 'SESSIONS', sessionId), throttling);

    await expect(act()).rejects.toMatchObject({ code: 'too_many_requests' });
  });
});
