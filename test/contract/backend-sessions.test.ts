import { describe, expect, inject, test } from 'vitest';
import { newId } from '../../shared/base/ids.ts';
import { epochMs } from '../../shared/base/time.ts';
import { Browser } from '../support/browser.ts';
import { DAY, noon, SECOND, setClock, startAtNoon } from '../support/clock.ts';
import { aSignedInBrowser, aUser, type GivenSession } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { outcome, refusal, summary } from '../support/refusal.ts';
import { changeItem, deleteItem, storedItem, storeItem } from '../support/stored.ts';
import { decoded } from '../support/tickets.ts';

startAtNoon();

const { environment } = inject('stack');
const unknown = [
  ['nobody knows', 'sess_2Zwn4c4SnN4HHeTb8EK7pe29iof'],
  ['with an id of another kind', 'act_2Zwn4c4SnN4HHeTb8EK7pe29iof'],
  ['with an id too long', `sess_${'a'.repeat(2100)}`],
  ['with a space for an id', '%20'],
] as const;

async function ofAnotherGeneration(sessionId: string): Promise<void> {
  const stored = await storedItem('SESSIONS', { id: sessionId });
  await storeItem('SESSIONS', { ...stored, generation: Number(environment.GENERATION) + 1 });
}

describe('reading a session', () => {
  test('reading a session shows its last activity', async () => {
    const { sessionId, browser } = await aSignedInBrowser();
    setClock(noon + 9 * SECOND);
    await browser.post(`/v1/client/sessions/${sessionId}/touch`);

    const { json } = await callBackend('GET', `/v1/sessions/${sessionId}`);

    expect(json).toMatchObject({ status: 'active', last_active_at: noon + 9 * SECOND, updated_at: noon + 9 * SECOND });
  });

  test('reading an expired session shows when it ended', async () => {
    const { sessionId } = await aSignedInBrowser();
    setClock(noon + 5000 * SECOND);

    const { json } = await callBackend('GET', `/v1/sessions/${sessionId}`);

    expect(json).toMatchObject({ status: 'expired', last_active_at: noon, updated_at: noon + 600 * SECOND });
  });

  test.each(unknown)('reading a session %s is refused: it is not found', async (_, id) => {
    const answer = await callBackend('GET', `/v1/sessions/${id}`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });

  test('reading a session of another generation is refused: it is not found', async () => {
    const { sessionId } = await aSignedInBrowser();
    await ofAnotherGeneration(sessionId);

    const answer = await callBackend('GET', `/v1/sessions/${sessionId}`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });
});

describe('a session that gets no session token', () => {
  type Change = (given: GivenSession) => Promise<unknown>;

  // As when the ban or the deletion has not ended this session, which only tidies up.
  const changes: readonly (readonly [what: string, change: Change])[] = [
    ['of a user who is banned', ({ userId }) => changeItem('USERS', { id: userId }, { banned: true, banned_at: noon })],
    ['of a user whose ban was lifted', ({ userId }) => changeItem('USERS', { id: userId }, { unbanned_at: noon + 1 })],
    ['of a user who was deleted', ({ userId }) => deleteItem('USERS', { id: userId })],
    [
      'that nothing proves',
      ({ sessionId }) => changeItem('SESSIONS', { id: sessionId }, { actor: '{"sub":"the_ceo"}' }),
    ],
  ];

  test.each(changes)('a session %s is read and listed as revoked', async (_, change) => {
    const given = await aSignedInBrowser();
    await change(given);
    setClock(noon + SECOND);
    const list = (query: string) => callBackend('GET', `/v1/sessions?user_id=${given.userId}${query}`);

    const read = await callBackend('GET', `/v1/sessions/${given.sessionId}`);
    const lists = [await list(''), await list('&status=active'), await list('&status=revoked')];
    const minted = await callBackend('POST', `/v1/sessions/${given.sessionId}/tokens`);

    const revoked = { id: given.sessionId, status: 'revoked', updated_at: noon + SECOND };
    expect(read.json).toMatchObject(revoked);
    expect(lists.map(({ json }) => json)).toMatchObject([[revoked], [], [revoked]]);
    expect(summary(minted)).toBe('404 resource_not_found');
  });

  test('a session that is read or listed as revoked is not changed', async () => {
    const { sessionId, userId } = await aSignedInBrowser();
    await changeItem('USERS', { id: userId }, { banned: true, banned_at: noon });
    const before = await storedItem('SESSIONS', { id: sessionId });

    await callBackend('GET', `/v1/sessions/${sessionId}`);
    await callBackend('GET', `/v1/sessions?user_id=${userId}`);

    expect(await storedItem('SESSIONS', { id: sessionId })).toEqual(before);
  });

  test('a session that is proven stays active in a list beside one that is not', async () => {
    const user_id = await aUser();
    const [proven, forged] = [await aSignedInBrowser({ user_id }), await aSignedInBrowser({ user_id })];
    await changeItem('SESSIONS', { id: forged.sessionId }, { expire_at: noon + DAY });

    const { json } = await callBackend('GET', `/v1/sessions?user_id=${user_id}&status=active&paginated=true`);

    expect(json).toMatchObject({ data: [{ id: proven.sessionId }], total_count: 1 });
  });
});

describe('revoking a session', () => {
  test('revoking a session records who did it', async () => {
    const { sessionId, actorTokenId } = await aSignedInBrowser();

    await callBackend('POST', `/v1/sessions/${sessionId}/revoke`);

    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({
      end_status: 'revoked',
      end_cause: 'backend_revoke',
      ended_at: noon,
      ended_by: (await storedItem('ACTOR_TOKENS', { id: actorTokenId }))?.created_by,
      ended_from: '192.0.2.1',
    });
  });

  test.each(['', 'null', '{}', undefined])('revoking a session may have the body %j', async (body) => {
    const { sessionId } = await aSignedInBrowser();

    const answer = await callBackend('POST', `/v1/sessions/${sessionId}/revoke`, body);

    expect(answer.json.status).toBe('revoked');
  });

  test('revoking a session takes no parameters', async () => {
    const { sessionId } = await aSignedInBrowser();

    const answer = await callBackend('POST', `/v1/sessions/${sessionId}/revoke`, { reason: 'x' });

    expect(outcome(answer)).toEqual(refusal(422, ['form_param_unknown', 'reason']));
    expect((await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status).toBe('active');
  });

  test.each(unknown)('revoking a session %s is refused: it is not found', async (_, id) => {
    const answer = await callBackend('POST', `/v1/sessions/${id}/revoke`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });

  test('revoking a session of another generation is refused: it is not found', async () => {
    const { sessionId } = await aSignedInBrowser();
    await ofAnotherGeneration(sessionId);

    const answer = await callBackend('POST', `/v1/sessions/${sessionId}/revoke`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });
});

describe('a session token for a server', () => {
  test('a session token for a server names no page and lives 60 s', async () => {
    const { allowedOrigin } = inject('stack');
    const { sessionId, actorTokenId } = await aSignedInBrowser();
    await storeItem('SESSIONS', { ...(await storedItem('SESSIONS', { id: sessionId })), origin: allowedOrigin });

    const answer = await callBackend('POST', `/v1/sessions/${sessionId}/tokens`);

    expect(answer.status).toBe(200);
    const { payload } = decoded(answer.json.jwt);
    const stored = await storedItem('ACTOR_TOKENS', { id: actorTokenId });
    expect(payload).toEqual({
      act: JSON.parse(stored?.actor),
      exp: noon / 1000 + 60,
      fva: [0, -1],
      iat: noon / 1000,
      iss: new URL(environment.FRONTEND_API_URL ?? '').origin,
      nbf: noon / 1000 - 10,
      sid: sessionId,
      sts: 'active',
      sub: stored?.user_id,
      v: 2,
    });
  });

  test.each([
    [29, '422 form_param_value_invalid expires_in_seconds'],
    [30, '200'],
    [60, '200'],
    [61, '422 form_param_value_too_large expires_in_seconds'],
    [null, '200'],
    ['30', '422 form_param_value_invalid expires_in_seconds'],
    [30.5, '422 form_param_value_invalid expires_in_seconds'],
    [true, '422 form_param_value_invalid expires_in_seconds'],
  ])('a session token of %j seconds for a server is answered with %s', async (expires_in_seconds, expected) => {
    const { sessionId } = await aSignedInBrowser();

    const answer = await callBackend('POST', `/v1/sessions/${sessionId}/tokens`, { expires_in_seconds });

    expect(summary(answer)).toBe(expected);
    const life = answer.status === 200 ? Number(decoded(answer.json.jwt).payload.exp) - noon / 1000 : undefined;
    expect(life).toBe(expected === '200' ? (expires_in_seconds ?? 60) : undefined);
  });

  test('a session token for a server takes no other parameters', async () => {
    const { sessionId } = await aSignedInBrowser();

    const answer = await callBackend('POST', `/v1/sessions/${sessionId}/tokens`, { template: 'x' });

    expect(outcome(answer)).toEqual(refusal(422, ['form_param_unknown', 'template']));
  });

  test.each(unknown)('a session token for a server of a session %s is not found', async (_, id) => {
    const answer = await callBackend('POST', `/v1/sessions/${id}/tokens`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });

  test.each<[what: string, end: (sessionId: string) => Promise<unknown>]>([
    ['expired', async () => setClock(noon + 600 * SECOND)],
    ['of another generation', ofAnotherGeneration],
  ])('a session token for a server of a session that is %s is not found', async (_, end) => {
    const { sessionId } = await aSignedInBrowser();
    await end(sessionId);

    const answer = await callBackend('POST', `/v1/sessions/${sessionId}/tokens`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });
});

describe('listing sessions', () => {
  async function threeSessions() {
    const user_id = await aUser();
    const browser = new Browser();
    const ids = [];
    for (const at of [0, 1, 2]) {
      setClock(noon + at * SECOND);
      ids.push((await aSignedInBrowser({ user_id }, at < 2 ? browser : new Browser())).sessionId);
    }
    const client_id = browser.cookie('__Host-client')?.split('.')[0] ?? '';
    return { user_id, client_id, ids: ids.reverse() };
  }
  const idsOf = (list: readonly { id: string }[]) => list.map(({ id }) => id);

  test('a list of sessions is a bare array of whole sessions, newest first', async () => {
    const { user_id, ids } = await threeSessions();

    const answer = await callBackend('GET', `/v1/sessions?user_id=${user_id}`);

    expect(answer.status).toBe(200);
    expect(idsOf(answer.json)).toEqual(ids);
    expect(answer.json[0]).toEqual((await callBackend('GET', `/v1/sessions/${ids[0]}`)).json);
    expect(answer.json.map(({ status }: { status: string }) => status)).toEqual(['active', 'active', 'removed']);
  });

  test('a list holds more sessions than DynamoDB reads in one call', async () => {
    const { sessionId, userId } = await aSignedInBrowser();
    const stored = await storedItem('SESSIONS', { id: sessionId });
    const earlier = Array.from({ length: 120 }, (_, seconds) => noon - (seconds + 1) * SECOND);
    const ids = earlier.map((at) => newId('sess', epochMs(at)));
    await Promise.all(
      earlier.map((created_at, index) => storeItem('SESSIONS', { ...stored, id: ids[index], created_at })),
    );

    const { json } = await callBackend('GET', `/v1/sessions?user_id=${userId}&limit=500`);

    expect(idsOf(json)).toEqual([sessionId, ...ids]);
  });

  test('a list of sessions can be narrowed to a client, and to client and user', async () => {
    const { user_id, client_id, ids } = await threeSessions();
    const other = await aUser();

    const lists = [
      await callBackend('GET', `/v1/sessions?client_id=${client_id}`),
      await callBackend('GET', `/v1/sessions?client_id=${client_id}&user_id=${user_id}`),
      await callBackend('GET', `/v1/sessions?client_id=${client_id}&user_id=${other}`),
    ];

    expect(lists.map(({ json }) => idsOf(json))).toEqual([ids.slice(1), ids.slice(1), []]);
  });

  test.each([
    ['active', [0, 1]],
    ['removed', [2]],
    ['expired', []],
    ['revoked', []],
    ['ended', []],
    ['replaced', []],
    ['abandoned', []],
    ['pending', []],
  ] as const)('a list of sessions can be narrowed to the status %s', async (status, expected) => {
    const { user_id, ids } = await threeSessions();

    const { json } = await callBackend('GET', `/v1/sessions?user_id=${user_id}&status=${status}&paginated=true`);

    expect(idsOf(json.data)).toEqual(expected.map((index) => ids[index]));
    expect(json.total_count).toBe(expected.length);
  });

  test('a list by status finds sessions as expired that nobody ended', async () => {
    const { user_id, ids } = await threeSessions();
    setClock(noon + 700 * SECOND);

    const active = await callBackend('GET', `/v1/sessions?user_id=${user_id}&status=active`);
    const expired = await callBackend('GET', `/v1/sessions?user_id=${user_id}&status=expired`);

    expect([active, expired].map(({ json }) => idsOf(json))).toEqual([[], ids.slice(0, 2)]);
  });

  test('a list of sessions leaves out those of another generation', async () => {
    const { user_id, ids } = await threeSessions();
    await ofAnotherGeneration(ids[0] ?? '');

    const { json } = await callBackend('GET', `/v1/sessions?user_id=${user_id}`);

    expect(idsOf(json)).toEqual(ids.slice(1));
  });

  test('a list of the sessions of an unknown user or client is empty', async () => {
    const answers = [
      await callBackend('GET', '/v1/sessions?user_id=user_2Zwn4c4SnN4HHeTb8EK7pe29iof'),
      await callBackend('GET', '/v1/sessions?user_id=nobody'),
      await callBackend('GET', '/v1/sessions?client_id=nobody'),
    ];

    expect(answers.map(outcome)).toEqual(Array(3).fill({ status: 200, json: [] }));
  });

  test.each([
    ['', '400 missing_query_parameter'],
    ['status=ended', '400 missing_query_parameter'],
    ['status=active', '200'],
    ['user_id=a&limit=0', '422 form_param_value_invalid limit'],
    ['user_id=a&limit=1', '200'],
    ['user_id=a&limit=500', '200'],
    ['user_id=a&limit=501', '422 form_param_value_too_large limit'],
    ['user_id=a&limit=-1', '422 form_param_value_invalid limit'],
    ['user_id=a&limit=1.5', '422 form_param_value_invalid limit'],
    ['user_id=a&limit=1e1', '422 form_param_value_invalid limit'],
    ['user_id=a&limit=', '422 form_param_value_invalid limit'],
    ['user_id=a&offset=0', '200'],
    ['user_id=a&offset=-1', '422 form_param_value_invalid offset'],
    ['user_id=a&offset=x', '422 form_param_value_invalid offset'],
    ['user_id=a&status=dead', '422 form_param_value_invalid status'],
    ['user_id=a&status=Active', '422 form_param_value_invalid status'],
    ['user_id=a&paginated=false', '200'],
    ['user_id=a&paginated=yes', '422 form_param_value_invalid paginated'],
    ['user_id=a&user_id=b', '422 form_param_duplicate user_id'],
    ['user_id=a&color=red', '422 form_param_unknown color'],
    ['user_id=a&__proto__=red', '422 form_param_unknown __proto__'],
    [
      'user_id=a&limit=0&offset=x&color=red',
      '422 form_param_value_invalid limit, form_param_value_invalid offset, form_param_unknown color',
    ],
  ])('listing sessions with the query "%s" is answered with %s', async (query, expected) => {
    const answer = await callBackend('GET', `/v1/sessions?${query}`);

    expect(summary(answer)).toBe(expected);
  });

  test('a list of sessions with paginated=false is a bare array', async () => {
    const answer = await callBackend('GET', '/v1/sessions?user_id=a&paginated=false');

    expect(answer.json).toEqual([]);
  });
});
