import { createHash } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { noon, setClock, startAtNoon } from '../support/clock.ts';
import { aUser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { outcome, refusal, summary } from '../support/refusal.ts';
import { itemsWith } from '../support/scan.ts';
import { storedItem } from '../support/stored.ts';
import { decoded } from '../support/tickets.ts';

startAtNoon();

const { environment, instanceId } = inject('stack');
const actor = { sub: 'support_1' };

test('the ticket has the published header and claims, and no others', async () => {
  const userId = await aUser();

  const { json } = await callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor, expires_in_seconds: 90 });

  const { header, payload, signature } = decoded(json.token);
  expect(Object.entries(header)).toEqual([
    ['alg', 'RS256'],
    ['typ', 'JWT'],
  ]);
  expect(payload).toEqual({
    eis: 90,
    exp: noon / 1000 + 90,
    iid: instanceId,
    permit: expect.stringMatching(/^[\w-]{43}$/),
    sid: json.id,
    st: 'actor_token',
  });
  expect(signature).toHaveLength(256);
});

test('null durations count as absent', async () => {
  const userId = await aUser();
  const durations = { expires_in_seconds: null, session_max_duration_in_seconds: null };

  const { json } = await callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor, ...durations });

  expect(await storedItem('ACTOR_TOKENS', { id: json.id })).toMatchObject({
    expire_at: noon + 3_600_000,
    session_max_duration_in_seconds: 1800,
  });
});

test('a ticket ends at the whole second that its claim names', async () => {
  const userId = await aUser();
  setClock(noon + 999);

  const { json } = await callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor, expires_in_seconds: 60 });

  expect(decoded(json.token).payload.exp).toBe(noon / 1000 + 60);
  expect(await storedItem('ACTOR_TOKENS', { id: json.id })).toMatchObject({ expire_at: noon + 60_000 });
});

test('a stored token names who created it and holds the hash of its ticket, not the ticket', async () => {
  const userId = await aUser();

  const { json } = await callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor });

  const signingInput = json.token.split('.').slice(0, 2).join('.');
  expect(await storedItem('ACTOR_TOKENS', { id: json.id })).toEqual({
    id: json.id,
    status: 'pending',
    user_id: userId,
    actor: JSON.stringify(actor),
    ticket_hash: createHash('sha256').update(signingInput).digest('hex'),
    expire_at: noon + 3_600_000,
    session_max_duration_in_seconds: 1800,
    generation: Number(environment.GENERATION),
    created_at: noon,
    updated_at: noon,
    created_by: expect.stringMatching(/^key_/),
    created_from: '192.0.2.1',
    created_with: 'test',
    ttl: noon / 1000 + 3600 + 1800 + Number(environment.AUDIT_RETENTION_DAYS) * 86_400,
  });
});

test('an actor may be the user they sign in as', async () => {
  const userId = await aUser();

  const answer = await callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor: { sub: userId } });

  expect(answer.status).toBe(200);
});

test('a banned user can be given a token, which is refused when it is redeemed', async () => {
  const userId = await aUser();
  await callBackend('POST', `/v1/users/${userId}/ban`);

  const answer = await callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor });

  expect(answer.status).toBe(200);
});

describe('an unknown user', () => {
  test.each([
    ['an id nobody has', 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof'],
    ['no id at all', 'nobody'],
    ['an id of another kind', 'sess_2Zwn4c4SnN4HHeTb8EK7pe29iof'],
    ['an id too long', `user_${'a'.repeat(251)}`],
    ['the guard of an external id', 'external_id#x'],
  ])('an unknown user is not found: %s', async (_, userId) => {
    const answer = await callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor });

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
    expect(await itemsWith('ACTOR_TOKENS', { user_id: userId })).toEqual([]);
  });
});

describe('every parameter has its bounds', () => {
  const big = 2 ** 53;
  const cases: readonly [name: string, value: unknown, expected: string][] = [
    ['expires_in_seconds', 1, '200'],
    ['expires_in_seconds', 0, '422 form_param_value_invalid expires_in_seconds'],
    ['expires_in_seconds', -1, '422 form_param_value_invalid expires_in_seconds'],
    ['expires_in_seconds', 2_592_000, '200'],
    ['expires_in_seconds', 2_592_001, '422 form_param_value_too_large expires_in_seconds'],
    ['expires_in_seconds', '60', '422 form_param_value_invalid expires_in_seconds'],
    ['expires_in_seconds', true, '422 form_param_value_invalid expires_in_seconds'],
    ['expires_in_seconds', [60], '422 form_param_value_invalid expires_in_seconds'],
    ['expires_in_seconds', {}, '422 form_param_value_invalid expires_in_seconds'],
    ['expires_in_seconds', 1.5, '422 form_param_value_invalid expires_in_seconds'],
    ['session_max_duration_in_seconds', 1, '200'],
    ['session_max_duration_in_seconds', 0, '422 form_param_value_invalid session_max_duration_in_seconds'],
    ['session_max_duration_in_seconds', 86_400, '200'],
    ['session_max_duration_in_seconds', 86_401, '422 form_param_value_too_large session_max_duration_in_seconds'],
    ['session_max_duration_in_seconds', '1800', '422 form_param_value_invalid session_max_duration_in_seconds'],
    ['session_max_duration_in_seconds', 0.1 + 1, '422 form_param_value_invalid session_max_duration_in_seconds'],
    ['user_id', undefined, '422 form_param_missing user_id'],
    ['user_id', null, '422 form_param_value_invalid user_id'],
    ['user_id', 7, '422 form_param_value_invalid user_id'],
    ['user_id', '', '422 form_param_value_invalid user_id'],
    ['user_id', ['user_x'], '422 form_param_value_invalid user_id'],
    ['user_id', 'u'.repeat(257), '422 form_param_value_invalid user_id'],
    ['user_id', 'user\u0000', '422 form_param_value_invalid user_id'],
    ['actor', undefined, '422 form_param_missing actor'],
    ['actor', null, '422 form_param_value_invalid actor'],
    ['actor', 'support_1', '422 form_param_value_invalid actor'],
    ['actor', [{ sub: 'support_1' }], '422 form_param_value_invalid actor'],
    ['expire_in_seconds', 60, '422 form_param_unknown expire_in_seconds'],
    ['constructor', {}, '422 form_param_unknown constructor'],
    ['toString', null, '422 form_param_unknown toString'],
    ['User_Id', 'user_x', '422 form_param_unknown User_Id'],
  ];

  test.each(cases)('%s %j of an actor token is answered with %s', async (name, value, expected) => {
    const userId = await aUser();

    const answer = await callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor, [name]: value });

    expect(summary(answer)).toBe(expected);
    expect(await itemsWith('ACTOR_TOKENS', { user_id: userId })).toHaveLength(expected === '200' ? 1 : 0);
  });

  test.each([0.5, -0.5, big, -big])('one fault is named once: %d seconds', async (seconds) => {
    const params = { user_id: await aUser(), actor, expires_in_seconds: seconds };

    const answer = await callBackend('POST', '/v1/actor_tokens', params);

    expect(summary(answer)).toBe('422 form_param_value_invalid expires_in_seconds');
  });

  test('seconds beyond what a double can hold are refused', async () => {
    const body = JSON.stringify({ user_id: await aUser(), actor, expires_in_seconds: 0 }).replace(':0}', ':1e400}');

    const answer = await callBackend('POST', '/v1/actor_tokens', body);

    expect(answer.status).toBe(422);
    expect(answer.json.errors[0]).toMatchObject({ meta: { param_name: 'expires_in_seconds' } });
  });
});

test('every unknown parameter is named in one answer', async () => {
  const body = { user_id: await aUser(), actor, color: 'red', size: 7, constructor: {} };

  const answer = await callBackend('POST', '/v1/actor_tokens', body);

  expect(outcome(answer)).toEqual(
    refusal(
      422,
      ['form_param_unknown', 'color'],
      ['form_param_unknown', 'size'],
      ['form_param_unknown', 'constructor'],
    ),
  );
});

test('a request without a body is refused with the missing parameters', async () => {
  const answer = await callBackend('POST', '/v1/actor_tokens');

  expect(outcome(answer)).toEqual(refusal(422, ['form_param_missing', 'user_id'], ['form_param_missing', 'actor']));
});

test('a parameter in the query does not count', async () => {
  const userId = await aUser();

  const answer = await callBackend('POST', `/v1/actor_tokens?user_id=${userId}`, { actor });

  expect(outcome(answer)).toEqual(refusal(422, ['form_param_missing', 'user_id']));
});
