import { describe, expect, inject, test } from 'vitest';
import { noon, setClock, startAtNoon } from '../support/clock.ts';
import { aPendingActorToken } from '../support/given.ts';
import { call, callBackend } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { storedItem, storeItem } from '../support/stored.ts';

startAtNoon();

test('a stored token names who revoked it', async () => {
  const { id } = await aPendingActorToken();

  await callBackend('POST', `/v1/actor_tokens/${id}/revoke`);

  const stored = await storedItem('ACTOR_TOKENS', { id });
  expect(stored).toMatchObject({ status: 'revoked', revoked_by: stored?.created_by, revoked_from: '192.0.2.1' });
});

test('an expired token can be revoked', async () => {
  const { id } = await aPendingActorToken({ expires_in_seconds: 1 });
  setClock(noon + 3_600_000);

  const answer = await callBackend('POST', `/v1/actor_tokens/${id}/revoke`);

  expect(answer.json).toMatchObject({ id, status: 'revoked' });
});

describe('an unknown token is not found', () => {
  test.each([
    ['an id nobody has', 'act_2Zwn4c4SnN4HHeTb8EK7pe29iof'],
    ['an id too short', 'act_short'],
    ['an id too long for a key', `act_${'a'.repeat(3000)}`],
    ['an id of another kind', 'sess_2Zwn4c4SnN4HHeTb8EK7pe29iof'],
    ['an id of old clients', 'impt_2Zwn4c4SnN4HHeTb8EK7pe29iof'],
    ['an id that ends in a line feed', 'act_2Zwn4c4SnN4HHeTb8EK7pe29io%0A'],
    ['a space', '%20'],
    ['an encoded slash', '%2F'],
    ['two dots', '..'],
    ['__proto__', '__proto__'],
  ])('an unknown token is not found: %s', async (_, id) => {
    const answer = await callBackend('POST', `/v1/actor_tokens/${id}/revoke`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
  });

  test('an actor token of another generation is not found', async () => {
    const { id } = await aPendingActorToken();
    const stored = await storedItem('ACTOR_TOKENS', { id });
    await storeItem('ACTOR_TOKENS', { ...stored, generation: Number(inject('stack').environment.GENERATION) + 1 });

    const answer = await callBackend('POST', `/v1/actor_tokens/${id}/revoke`);

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
  });

  test('revoking an unknown actor token does not create it', async () => {
    const id = 'act_2Zwn4c4SnN4HHeTb8EK7pe29iof';

    await callBackend('POST', `/v1/actor_tokens/${id}/revoke`);

    expect(await storedItem('ACTOR_TOKENS', { id })).toBeUndefined();
  });
});

describe('the body of a revocation', () => {
  async function revokedWith(headers: Record<string, string>, body?: string) {
    const { id } = await aPendingActorToken();
    return call({
      method: 'POST',
      path: `/v1/actor_tokens/${id}/revoke`,
      headers: { authorization: `Bearer ${inject('stack').secretKey}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
  }

  const json = { 'content-type': 'application/json' };
  test.each<[what: string, headers: Record<string, string>, body?: string]>([
    ['none, with the content type of JSON', { ...json, 'content-length': '0' }],
    ['none, without a content type', {}],
    ['an empty one', json, ''],
    ['null', json, 'null'],
    ['an empty object', json, '{}'],
  ])('the body of a revocation may be %s', async (_, headers, body) => {
    const answer = await revokedWith(headers, body);

    expect(answer.json).toMatchObject({ status: 'revoked' });
  });

  test('the body of a revocation takes no members', async () => {
    const answer = await revokedWith(json, '{"reason":"mistake"}');

    expect(outcome(answer)).toEqual(refusal(422, ['form_param_unknown', 'reason']));
  });
});
