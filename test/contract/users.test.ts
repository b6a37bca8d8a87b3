import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { MINUTE, noon, SECOND, setClock, startAtNoon } from '../support/clock.ts';
import { aSignedInBrowser, aUser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { outcome, refusal, summary } from '../support/refusal.ts';
import { everythingStored } from '../support/scan.ts';
import { changeItem, storedItem } from '../support/stored.ts';

startAtNoon();

const nobody = 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof';

describe('a user is made', () => {
  test('metadata keeps keys and nesting that DynamoDB cannot store as such', async () => {
    const metadata = { '': [1, null], camelCase: { deep: true } };
    const { json } = await callBackend('POST', '/v1/users', { private_metadata: metadata });

    expect((await callBackend('GET', `/v1/users/${json.id}`)).json.private_metadata).toEqual(metadata);
  });

  test('the secrets of second factors are not stored', async () => {
    const totp_secret = `totp${randomUUID()}`;
    const code = `code${randomUUID()}`;

    const answer = await callBackend('POST', '/v1/users', { totp_secret, backup_codes: [code] });

    expect(answer.text).not.toContain(totp_secret);
    const stored = await everythingStored();
    expect(stored).not.toContain(totp_secret);
    expect(stored).not.toContain(code);
  });

  test.each([
    ['external_id', 'x', '200'],
    ['external_id', 'x'.repeat(128), '200'],
    ['external_id', 'x'.repeat(129), '422 form_param_value_invalid external_id'],
    ['external_id', 'é'.repeat(65), '422 form_param_value_invalid external_id'],
    ['external_id', '"'.repeat(65), '422 form_param_value_invalid external_id'],
    ['external_id', nobody, '422 form_param_value_invalid external_id'],
    ['external_id', '', '422 form_param_value_invalid external_id'],
    ['external_id', 7, '422 form_param_value_invalid external_id'],
    ['external_id', null, '200'],
    ['username', 'x'.repeat(256), '200'],
    ['username', 'x'.repeat(257), '422 form_param_value_invalid username'],
    ['first_name', '', '200'],
    ['first_name', 'a\nb', '422 form_param_value_invalid first_name'],
    ['first_name', 'A\u2069\u202egro.live\u202c', '422 form_param_value_invalid first_name'],
    ['first_name', '  ', '422 form_param_value_invalid first_name'],
    ['last_name', 'ad\u200bmin', '422 form_param_value_invalid last_name'],
    ['username', 'ad\u00admin', '422 form_param_value_invalid username'],
    ['username', 'می\u200cخواهم 👩\u200d💻', '200'],
    ['external_id', 'a\u2028b', '422 form_param_value_invalid external_id'],
    ['email_address', ['a\u2066@example.com'], '422 form_param_format_invalid email_address.0'],
    ['phone_number', [' '], '422 form_param_format_invalid phone_number.0'],
    ['last_name', {}, '422 form_param_value_invalid last_name'],
    ['last_name', null, '200'],
    ['email_address', [], '200'],
    ['email_address', Array.from({ length: 10 }, (_, position) => `${position}@example.com`), '200'],
    [
      'email_address',
      Array.from({ length: 11 }, (_, position) => `${position}@example.com`),
      '422 form_param_array_size_exceeded email_address',
    ],
    ['email_address', ['a@example.com', 'A@example.com'], '422 form_param_duplicate email_address'],
    ['email_address', ['not an address'], '422 form_param_format_invalid email_address.0'],
    ['email_address', [`${'a'.repeat(64)}@${'b.'.repeat(95)}example`], '422 form_param_format_invalid email_address.0'],
    ['phone_number', ['hello'], '422 form_param_format_invalid phone_number.0'],
    ['phone_number', ['+05555550100'], '422 form_param_format_invalid phone_number.0'],
    ['phone_number', ['+15555550100', '+15555550100'], '422 form_param_duplicate phone_number'],
    ['email_address', 'a@example.com', '422 form_param_value_invalid email_address'],
    ['email_address', [7], '422 form_param_value_invalid email_address.0'],
    ['phone_number', [''], '422 form_param_format_invalid phone_number.0'],
    ['phone_number', null, '200'],
    ['totp_secret', 7, '422 form_param_value_invalid totp_secret'],
    ['backup_codes', 'x', '422 form_param_value_invalid backup_codes'],
    ['backup_codes', [], '200'],
    ['public_metadata', { a: 'x'.repeat(8192 - 8) }, '200'],
    ['public_metadata', { a: 'x'.repeat(8192 - 7) }, '422 form_param_exceeds_allowed_size public_metadata'],
    ['public_metadata', [], '422 form_param_value_invalid public_metadata'],
    ['private_metadata', 'x', '422 form_param_value_invalid private_metadata'],
    ['private_metadata', null, '200'],
    ['unsafe_metadata', { a: 2 ** 60 }, '422 form_param_value_invalid unsafe_metadata'],
    ['password', 'secret', '422 form_param_unknown password'],
    ['password', null, '200'],
    ['password_hasher', 'bcrypt', '422 form_param_unknown password_hasher'],
    ['banned', true, '200'],
    ['banned', 1, '422 form_param_value_invalid banned'],
    ['locked', true, '422 form_param_value_invalid locked'],
    ['locked', false, '200'],
    ['delete_self_enabled', true, '422 form_param_value_invalid delete_self_enabled'],
    ['locale', 'en-US', '200'],
    ['locale', 'english please', '422 form_param_format_invalid locale'],
    ['web3_wallet', [], '200'],
    ['web3_wallet', ['0x0'], '422 form_param_value_invalid web3_wallet'],
    ['email_address_identification_status', ['verified'], '200'],
    [
      'email_address_identification_status',
      ['reserved'],
      '422 form_param_value_invalid email_address_identification_status.0',
    ],
    ['skip_user_requirement', true, '200'],
    ['bypass_client_trust', true, '200'],
    ['legal_accepted_at', '2012-10-20T07:15:20.902Z', '200'],
    ['legal_accepted_at', 'yesterday', '422 form_param_value_invalid legal_accepted_at'],
    ['created_at', '2012-10-20T07:15:20.902Z', '200'],
    ['created_at', '1969-12-31T23:59:59Z', '422 form_param_value_invalid created_at'],
    ['id', nobody, '422 form_param_unknown id'],
    ['created_at', 1, '422 form_param_value_invalid created_at'],
  ])('creating a user with %s %.40j is answered with %s', async (name, value, expected) => {
    const unique = name === 'external_id' && value === 'x' ? randomUUID() : value;
    const isLong = typeof value === 'string' && value.length === 128;
    const own = isLong ? randomUUID().padEnd(128, 'x') : unique;

    const answer = await callBackend('POST', '/v1/users', { [name]: own });

    expect(summary(answer)).toBe(expected);
  });
});

test('what a user brings along from before is kept', async () => {
  const { json } = await callBackend('POST', '/v1/users', {
    created_at: '2012-10-20T07:15:20.902Z',
    legal_accepted_at: '2012-10-20T09:15:20.902+02:00',
    locale: 'en-US',
    banned: true,
    last_name: '',
    totp_secret: '',
  });
  const userId: string = json.id;

  const kept = {
    created_at: Date.UTC(2012, 9, 20, 7, 15, 20, 902),
    legal_accepted_at: Date.UTC(2012, 9, 20, 7, 15, 20, 902),
    locale: 'en-US',
    banned: true,
    last_name: null,
    totp_enabled: false,
    updated_at: noon,
  };
  expect((await callBackend('GET', `/v1/users/${userId}`)).json).toMatchObject(kept);
  await expect(aSignedInBrowser({ user_id: userId })).rejects.toThrow('user_banned');
  expect((await callBackend('POST', `/v1/users/${userId}/unban`)).json.banned).toBe(false);
});

test('a member that users of this instance do not have is refused with the reason', async () => {
  const { json } = await callBackend('POST', '/v1/users', { password: 'secret', locked: true });

  expect(json.errors.map(({ long_message }: { long_message: string }) => long_message)).toEqual([
    'locked must be false or omitted, because this instance locks nobody out.',
    'password is not a parameter here, because this instance has no passwords.',
  ]);
});

describe('an external id belongs to one user', () => {
  test('external ids are case-sensitive', async () => {
    const external_id = `id_${randomUUID()}`;
    await aUser({ external_id });

    const answer = await callBackend('POST', '/v1/users', { external_id: external_id.toUpperCase() });

    expect(answer.status).toBe(200);
  });
});

describe('reading a user', () => {
  test.each([
    ['nobody has', nobody],
    ['of another kind', 'sess_2Zwn4c4SnN4HHeTb8EK7pe29iof'],
    ['too long', `user_${'a'.repeat(2100)}`],
    ['of the guard of an external id', 'external_id%23x'],
    ['of a space', '%20'],
  ])('reading a user by an id %s is not found', async (_, id) => {
    const answer = await callBackend('GET', `/v1/users/${id}`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });

  test('reading a user by the guard of an external id is not found', async () => {
    const external_id = randomUUID();
    await aUser({ external_id });

    const answer = await callBackend('GET', `/v1/users/external_id%23${external_id}`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });
});

describe('banning a user', () => {
  test('a ban ends all sessions of the user in every browser, and no others', async () => {
    const user_id = await aUser();
    const sessions = [await aSignedInBrowser({ user_id }), await aSignedInBrowser({ user_id })];
    const other = await aSignedInBrowser();
    setClock(noon + SECOND);

    await callBackend('POST', `/v1/users/${user_id}/ban`);

    for (const { browser, sessionId } of sessions) {
      expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(401);
      expect((await browser.get('/v1/client')).json.response.sessions).toEqual([]);
      expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({
        end_status: 'revoked',
        end_cause: 'user_banned',
        ended_at: noon + SECOND,
        ended_by: expect.stringMatching(/^key_/),
      });
    }
    expect((await other.browser.post(`/v1/client/sessions/${other.sessionId}/tokens`)).status).toBe(200);
  });

  test('a ban keeps the end that a session had', async () => {
    const { browser, sessionId, userId } = await aSignedInBrowser();
    await browser.post(`/v1/client/sessions/${sessionId}/end`);

    await callBackend('POST', `/v1/users/${userId}/ban`);

    expect((await callBackend('GET', `/v1/sessions/${sessionId}`)).json.status).toBe('ended');
  });

  test('a ban leaves the record of a session that has expired as it is', async () => {
    const { sessionId, userId } = await aSignedInBrowser();
    const before = await storedItem('SESSIONS', { id: sessionId });
    setClock(noon + 10 * MINUTE);

    await callBackend('POST', `/v1/users/${userId}/ban`);

    expect(await storedItem('SESSIONS', { id: sessionId })).toEqual(before);
  });
});

test('a ban that was written into the table without its time is lifted', async () => {
  const id = await aUser();
  await changeItem('USERS', { id }, { banned: true });

  const answer = await callBackend('POST', `/v1/users/${id}/unban`);

  expect(answer).toMatchObject({ status: 200, json: { banned: false } });
});

test('each change of a user raises updated_at, also within one millisecond', async () => {
  const id = await aUser();
  const answers = [
    await callBackend('POST', `/v1/users/${id}/ban`),
    await callBackend('POST', `/v1/users/${id}/ban`),
    await callBackend('POST', `/v1/users/${id}/unban`),
    await callBackend('PATCH', `/v1/users/${id}`, { first_name: 'Ada' }),
    await callBackend('PATCH', `/v1/users/${id}/metadata`, { public_metadata: { plan: 'pro' } }),
  ];

  expect(answers.map(({ json }) => json.updated_at - noon)).toEqual([1, 2, 3, 4, 5]);
});

describe('deleting a user', () => {
  test('a deletion ends all sessions of the user, and keeps them on the record', async () => {
    const { browser, sessionId, userId, actorTokenId } = await aSignedInBrowser();

    await callBackend('DELETE', `/v1/users/${userId}`);

    expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(401);
    expect((await callBackend('POST', `/v1/sessions/${sessionId}/tokens`)).status).toBe(404);
    expect((await callBackend('GET', `/v1/sessions?user_id=${userId}`)).json).toMatchObject([
      { id: sessionId, status: 'revoked' },
    ]);
    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({ end_cause: 'user_deleted' });
    expect(await storedItem('ACTOR_TOKENS', { id: actorTokenId })).toMatchObject({ status: 'accepted' });
  });

  test('deleting a user twice is not found', async () => {
    const id = await aUser();
    await callBackend('DELETE', `/v1/users/${id}`);

    const answer = await callBackend('DELETE', `/v1/users/${id}`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });
});

describe.each([
  ['POST', '/ban'],
  ['POST', '/unban'],
  ['DELETE', ''],
])('%s of a user%s', (method, action) => {
  test.each([nobody, 'sess_2Zwn4c4SnN4HHeTb8EK7pe29iof', 'x', 'external_id%23x'])(
    'banning, unbanning or deleting an unknown user is not found: %s',
    async (id) => {
      const answer = await callBackend(method, `/v1/users/${id}${action}`);

      expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
      expect(await storedItem('USERS', { id })).toBeUndefined();
    },
  );
});

describe.each(['ban', 'unban'])('to %s a user', (action) => {
  test('banning and unbanning take no parameters', async () => {
    const id = await aUser();

    const answer = await callBackend('POST', `/v1/users/${id}/${action}`, { reason: 'x' });

    expect(outcome(answer)).toEqual(refusal(422, ['form_param_unknown', 'reason']));
    expect(await storedItem('USERS', { id })).toMatchObject({ banned: false, updated_at: noon });
  });
});
