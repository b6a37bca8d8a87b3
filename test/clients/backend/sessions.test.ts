import { describe, expect, inject, test } from 'vitest';
import { aSignedInBrowser, aUser, clerk, expectRefusal, NOT_FOUND, unknownId } from './clerk.ts';

const { instanceId } = inject('stack');
const THIRTY_DAYS_IN_MS = 2_592_000_000;

type SessionList = Awaited<ReturnType<typeof clerk.sessions.getSessionList>>;

function idsOf({ data }: SessionList): readonly string[] {
  return data.map(({ id }) => id);
}

describe('reading a session', () => {
  test('reading a session returns user, actor, browser and its ends', async () => {
    const actor = { sub: 'user_support', reason: 'SUP-1' };
    const { sessionId, clientId, userId } = await aSignedInBrowser({ actor, sessionMaxDurationInSeconds: 600 });

    const session = await clerk.sessions.getSession(sessionId);

    expect({ ...session }).toEqual({
      id: sessionId,
      clientId,
      userId,
      status: 'active',
      lastActiveAt: session.createdAt,
      expireAt: session.createdAt + 600_000,
      abandonAt: session.createdAt + THIRTY_DAYS_IN_MS,
      createdAt: expect.any(Number),
      updatedAt: session.createdAt,
      lastActiveOrganizationId: null,
      latestActivity: null,
      actor,
    });
    expect(Math.abs(Date.now() - session.createdAt)).toBeLessThan(30_000);
  });

  test.each([
    ['an unknown session', unknownId('sess')],
    ['what is no session id', 'user_1'],
  ])('reading a session is refused for %s', async (_case, id) => {
    await expectRefusal(clerk.sessions.getSession(id), 404, NOT_FOUND);
  });
});

describe('listing sessions', () => {
  test('listing sessions returns those of a user, newest first, with their number', async () => {
    const userId = await aUser();
    const first = await aSignedInBrowser({ userId });
    const second = await aSignedInBrowser({ userId });
    const third = await aSignedInBrowser({ userId });

    const list = await clerk.sessions.getSessionList({ userId });

    expect(idsOf(list)).toEqual([third.sessionId, second.sessionId, first.sessionId]);
    expect(list.totalCount).toBe(3);
    expect(list.data[0]).toEqual(await clerk.sessions.getSession(third.sessionId));
  });

  test('listing sessions returns a page, and still the number of all', async () => {
    const userId = await aUser();
    await aSignedInBrowser({ userId });
    const second = await aSignedInBrowser({ userId });
    await aSignedInBrowser({ userId });

    const list = await clerk.sessions.getSessionList({ userId, limit: 1, offset: 1 });

    expect(idsOf(list)).toEqual([second.sessionId]);
    expect(list.totalCount).toBe(3);
  });

  test('listing sessions of a browser shows that a second sign-in removes the first', async () => {
    const first = await aSignedInBrowser();
    const second = await aSignedInBrowser({}, first.browser);

    const list = await clerk.sessions.getSessionList({ clientId: first.clientId });

    expect(list.data.map(({ id, status }) => ({ id, status }))).toEqual([
      { id: second.sessionId, status: 'active' },
      { id: first.sessionId, status: 'removed' },
    ]);
  });

  test('listing sessions finds the live sessions of a user by status', async () => {
    const userId = await aUser();
    const ended = await aSignedInBrowser({ userId });
    const live = await aSignedInBrowser({ userId, actor: { sub: 'user_support' } });
    await clerk.sessions.revokeSession(ended.sessionId);

    const active = await clerk.sessions.getSessionList({ userId, status: 'active' });
    const revoked = await clerk.sessions.getSessionList({ userId, status: 'revoked' });

    expect(active.data.map(({ id, actor }) => ({ id, actor }))).toEqual([
      { id: live.sessionId, actor: { sub: 'user_support' } },
    ]);
    expect(idsOf(revoked)).toEqual([ended.sessionId]);
    expect(revoked.totalCount).toBe(1);
  });

  test('listing sessions of everybody lists active ones, of all or of one actor', async () => {
    const sub = unknownId('user');
    const { sessionId } = await aSignedInBrowser({ actor: { sub } });
    const ofActor = { actorSub: sub } as Parameters<typeof clerk.sessions.getSessionList>[0];

    const active = await clerk.sessions.getSessionList({ status: 'active', limit: 500 });

    expect(idsOf(active)).toContain(sessionId);
    expect(idsOf(await clerk.sessions.getSessionList(ofActor))).toEqual([sessionId]);
  });

  test('listing sessions is refused without a user, a client or an actor', async () => {
    await expectRefusal(clerk.sessions.getSessionList({ status: 'ended' }), 400, [
      {
        code: 'missing_query_parameter',
        longMessage:
          'One of user_id, client_id and actor_sub must be provided, or status=active for all active sessions.',
      },
    ]);
  });

  test('listing sessions names every faulty parameter at once', async () => {
    const faulty = { userId: unknownId('user'), status: 'alive', limit: 501, offset: -1 };
    const list = clerk.sessions.getSessionList(faulty as Parameters<typeof clerk.sessions.getSessionList>[0]);

    await expectRefusal(list, 422, [
      {
        code: 'form_param_value_invalid',
        longMessage: 'status must be one of abandoned, active, ended, expired, pending, removed, replaced, revoked.',
        meta: { paramName: 'status' },
      },
      {
        code: 'form_param_value_too_large',
        longMessage: 'limit must be an integer from 1 to 500.',
        meta: { paramName: 'limit' },
      },
      {
        code: 'form_param_value_invalid',
        longMessage: 'offset must be an integer from 0 to 999999999.',
        meta: { paramName: 'offset' },
      },
    ]);
  });
});

describe('revoking a session', () => {
  test('revoking a session ends it, and its browser gets no more session tokens', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    const before = await clerk.sessions.getSession(sessionId);

    const revoked = await clerk.sessions.revokeSession(sessionId);

    expect({ ...revoked }).toEqual({ ...before, status: 'revoked', updatedAt: expect.any(Number) });
    expect(revoked.updatedAt).toBeGreaterThan(before.updatedAt);
    for (const use of ['tokens', 'touch']) {
      const refused = await browser.post(`/v1/client/sessions/${sessionId}/${use}`);
      expect(refused.status, use).toBe(401);
    }
  });

  test('revoking a session a second time changes nothing', async () => {
    const { sessionId } = await aSignedInBrowser();
    const revoked = await clerk.sessions.revokeSession(sessionId);

    await expect(clerk.sessions.revokeSession(sessionId)).resolves.toEqual(revoked);
  });

  test('revoking a session keeps the end that a session had', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    await browser.post(`/v1/client/sessions/${sessionId}/end`);
    const ended = await clerk.sessions.getSession(sessionId);

    await expect(clerk.sessions.revokeSession(sessionId)).resolves.toEqual(ended);

    expect(ended.status).toBe('ended');
  });

  test('revoking a session is refused for an unknown session', async () => {
    await expectRefusal(clerk.sessions.revokeSession(unknownId('sess')), 404, NOT_FOUND);
  });
});

test('an operation that this instance does not have is refused in the published shape', async () => {
  await expectRefusal(clerk.organizations.getOrganization({ organizationId: instanceId }), 404, [
    {
      code: 'resource_not_found',
      longMessage:
        "There are no organizations here. What your app must know of a user's organization fits in public_metadata.",
    },
  ]);
  await expectRefusal(clerk.sessions.createSession({ userId: unknownId('user') }), 405, [
    {
      code: 'method_not_allowed',
      longMessage:
        'A session begins only when a ticket is redeemed. ' +
        'Create an actor token, which names who acts: POST /v1/actor_tokens.',
    },
  ]);
});
