import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { noon, SECOND, setClock, startAtNoon } from '../support/clock.ts';
import { aUser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { outcome, refusal, summary } from '../support/refusal.ts';
import { storedItem } from '../support/stored.ts';

startAtNoon();

const guardOf = (externalId: string) => storedItem('USERS', { id: `external_id#${externalId}` });

describe('changing a user', () => {
  test('a user loses what is set to null or to nothing', async () => {
    const id = await aUser({ username: 'ada', last_name: 'Lovelace', external_id: randomUUID(), locale: 'en' });
    setClock(noon + SECOND);

    const answer = await callBackend('PATCH', `/v1/users/${id}`, {
      username: '',
      first_name: null,
      external_id: null,
      locale: null,
    });

    expect(answer.json).toMatchObject({
      username: null,
      first_name: null,
      last_name: 'Lovelace',
      external_id: null,
      locale: null,
      updated_at: noon + SECOND,
    });
    expect((await callBackend('GET', `/v1/users/${id}`)).json).toEqual(answer.json);
  });

  test('metadata is replaced, and a second factor has the time at which it was set up', async () => {
    const id = await aUser({ public_metadata: { a: 1 }, private_metadata: { b: 1 } });
    setClock(noon + SECOND);

    const { json } = await callBackend('PATCH', `/v1/users/${id}`, {
      public_metadata: { c: 1 },
      totp_secret: 'secret',
      backup_codes: ['code'],
    });

    expect(json).toMatchObject({
      public_metadata: { c: 1 },
      private_metadata: { b: 1 },
      totp_enabled: true,
      backup_code_enabled: true,
      mfa_enabled_at: noon + SECOND,
    });
  });

  test('an external id moves: the old one is free, and the new one is taken', async () => {
    const [old, next] = [randomUUID(), randomUUID()];
    const id = await aUser({ external_id: old });

    const { json } = await callBackend('PATCH', `/v1/users/${old}`, { external_id: next });

    expect(json).toMatchObject({ id, external_id: next });
    expect([await guardOf(old), await guardOf(next)]).toEqual([undefined, expect.objectContaining({ user_id: id })]);
    expect((await callBackend('GET', `/v1/users/${old}`)).status).toBe(404);
  });

  test('an external id of another user is refused, and nothing changes', async () => {
    const [own, taken] = [randomUUID(), randomUUID()];
    const id = await aUser({ external_id: own });
    await aUser({ external_id: taken });

    const answer = await callBackend('PATCH', `/v1/users/${id}`, { external_id: taken, first_name: 'Ada' });

    expect(outcome(answer)).toEqual(refusal(422, ['form_identifier_exists', 'external_id']));
    expect(await storedItem('USERS', { id })).toMatchObject({ external_id: own, first_name: 'Target' });
    expect(await guardOf(own)).toMatchObject({ user_id: id });
  });

  test.each([
    ['external_id', 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof', '422 form_param_value_invalid external_id'],
    ['external_id', '', '422 form_param_value_invalid external_id'],
    ['first_name', 'a\nb', '422 form_param_value_invalid first_name'],
    [
      'primary_email_address_id',
      'idn_2Zwn4c4SnN4HHeTb8EK7pe29iof',
      '422 form_param_value_invalid primary_email_address_id',
    ],
    ['locale', 'english please', '422 form_param_format_invalid locale'],
    ['primary_phone_number_id', 'x', '422 form_param_value_invalid primary_phone_number_id'],
    ['primary_phone_number_id', null, '200'],
    ['primary_web3_wallet_id', 'x', '422 form_param_unknown primary_web3_wallet_id'],
    ['profile_image_id', 'x', '422 form_param_unknown profile_image_id'],
    ['password', 'secret', '422 form_param_unknown password'],
    ['sign_out_of_other_sessions', true, '422 form_param_value_invalid sign_out_of_other_sessions'],
    ['notify_primary_email_address_changed', false, '200'],
    ['public_metadata', { a: 'x'.repeat(8192) }, '422 form_param_exceeds_allowed_size public_metadata'],
    ['email_address', ['a@example.com'], '422 form_param_unknown email_address'],
    ['banned', true, '422 form_param_unknown banned'],
    ['created_at', '2012-10-20T07:15:20.902Z', '200'],
  ])('changing %s of a user to %.40j is answered with %s', async (name, value, expected) => {
    const id = await aUser();

    expect(summary(await callBackend('PATCH', `/v1/users/${id}`, { [name]: value }))).toBe(expected);
  });

  test('a change of nothing is a change', async () => {
    const id = await aUser();

    expect(await callBackend('PATCH', `/v1/users/${id}`, {})).toMatchObject({ status: 200, json: { id } });
  });
});

describe('merging metadata', () => {
  const merge = (id: string, body: object | string) => callBackend('PATCH', `/v1/users/${id}/metadata`, body);

  test.each([
    ['adds members', { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ['replaces a list', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['replaces a value by an object, and removes within it', { a: 1 }, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
    ['removes what is not there', { a: 1 }, { b: null }, { a: 1 }],
    ['keeps the null of a list', {}, { a: [null] }, { a: [null] }],
  ])('merging metadata %s', async (_, before, patch, after) => {
    const id = await aUser({ unsafe_metadata: before });

    const { json } = await merge(id, { unsafe_metadata: patch });

    expect(json.unsafe_metadata).toEqual(after);
    expect((await callBackend('GET', `/v1/users/${id}`)).json.unsafe_metadata).toEqual(after);
  });

  test('a member named __proto__ is a member like any other', async () => {
    const id = await aUser();

    const answer = await merge(id, '{"public_metadata":{"__proto__":{"admin":true}}}');

    expect(answer.text).toContain('"public_metadata":{"__proto__":{"admin":true}}');
  });

  test('metadata that would become too large is refused, and nothing changes', async () => {
    const id = await aUser({ public_metadata: { a: 'x'.repeat(5000) } });

    const answer = await merge(id, { private_metadata: { b: 1 }, public_metadata: { b: 'x'.repeat(5000) } });

    expect(outcome(answer)).toEqual(refusal(422, ['form_param_exceeds_allowed_size', 'public_metadata']));
    expect(await storedItem('USERS', { id })).toMatchObject({ private_metadata: '{}', updated_at: noon });
  });

  test.each([
    [{ public_metadata: [] }, '422 form_param_value_invalid public_metadata'],
    [{ first_name: 'Ada' }, '422 form_param_unknown first_name'],
    [{ public_metadata: null }, '200'],
  ])('merging %j is answered with %s', async (body, expected) => {
    expect(summary(await merge(await aUser(), body))).toBe(expected);
  });
});
