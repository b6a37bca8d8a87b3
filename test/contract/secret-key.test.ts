import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { routes } from '../../functions/routes.ts';
import { aUser } from '../support/given.ts';
import { call, callBackend } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { itemsWith } from '../support/scan.ts';
import { storedItem, storeItem } from '../support/stored.ts';

const { secretKey, publishableKey, environment } = inject('stack');
const backendOperations = routes.filter(({ audience }) => audience === 'backend');

function aSecretKey(): string {
  return `sk_live_${randomBytes(32).toString('base64url')}`;
}

function keyItem(key: string, attributes = {}) {
  return {
    hash: createHash('sha256').update(key).digest('hex'),
    id: 'key_2Zwn4c4SnN4HHeTb8EK7pe29iof',
    name: 'test',
    created_at: 1,
    generation: Number(environment.GENERATION),
    ...attributes,
  };
}

function filledPath(path: string): string {
  return path.replace(/\{[^}]+\}/g, 'x');
}

async function listWith(authorization: string | undefined) {
  return call({ path: '/v1/users', headers: authorization === undefined ? {} : { authorization } });
}

describe('every Backend API operation asks for a secret key before anything else', () => {
  test.each(backendOperations)(
    'every Backend API operation asks for a secret key before anything else: $method $path',
    async ({ method, path }) => {
      const headers = { 'content-type': 'text/plain', 'clerk-api-version': 'nonsense' };

      const answer = await call({ method, path: `${filledPath(path)}?limit=x`, headers, body: 'no json' });

      expect(outcome(answer)).toEqual(refusal(401, 'authentication_invalid'));
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    },
  );
});

describe('a header that is not Bearer and a key is malformed', () => {
  test.each([
    secretKey,
    `Basic ${Buffer.from(secretKey).toString('base64')}`,
    'Bearer',
    'Bearer  two-spaces',
    `Bearer ${secretKey} ${secretKey}`,
    `Bearer ${secretKey},Bearer ${secretKey}`,
    `Bearer${secretKey}`,
  ])('a header that is not Bearer and a key is malformed: %s', async (authorization) => {
    const answer = await listWith(authorization);

    expect(outcome(answer)).toEqual(refusal(401, 'authorization_header_format_invalid'));
  });
});

describe('a key that is not an active one of this instance is invalid', () => {
  test.each([
    ['an unknown one', aSecretKey()],
    ['one with a character more', `${secretKey}A`],
    ['one with a character less', secretKey.slice(0, -1)],
    ['one of the other kind', secretKey.replace('sk_live_', 'sk_test_')],
    ['the publishable key', publishableKey],
    ['the hash that is stored', createHash('sha256').update(secretKey).digest('hex')],
    ['something else', 'x'],
    ['something very long', `sk_live_${'a'.repeat(5000)}`],
  ])('a key that is not an active one of this instance is invalid: %s', async (_, key) => {
    const answer = await listWith(`Bearer ${key}`);

    expect(outcome(answer)).toEqual(refusal(401, 'clerk_key_invalid'));
    expect(answer.text).not.toContain(key === 'x' ? secretKey : key);
  });

  test('a key that is not an active one of this instance is invalid: a revoked one, from the next request on', async () => {
    const key = aSecretKey();
    await storeItem('SECRET_KEYS', keyItem(key));
    const before = await listWith(`Bearer ${key}`);
    await storeItem('SECRET_KEYS', keyItem(key, { revoked_at: Date.now() }));

    const answer = await listWith(`Bearer ${key}`);

    expect(before.status).toBe(200);
    expect(outcome(answer)).toEqual(refusal(401, 'clerk_key_invalid'));
  });

  test('a key that is not an active one of this instance is invalid: one of another generation', async () => {
    const key = aSecretKey();
    await storeItem('SECRET_KEYS', keyItem(key, { generation: Number(environment.GENERATION) + 1 }));

    const answer = await listWith(`Bearer ${key}`);

    expect(outcome(answer)).toEqual(refusal(401, 'clerk_key_invalid'));
  });
});

test('a test key of this instance is as good as a live one', async () => {
  const key = aSecretKey().replace('sk_live_', 'sk_test_');
  await storeItem('SECRET_KEYS', keyItem(key));

  const answer = await listWith(`Bearer ${key}`);

  expect(answer.status).toBe(200);
});

test('the name of the Authorization header may be spelled in any case', async () => {
  const answer = await call({ path: '/v1/users', headers: { Authorization: `Bearer ${secretKey}` } });

  expect(answer.status).toBe(200);
});

describe('a key anywhere but in the Authorization header does not count', () => {
  test.each([
    ['the query', { path: `/v1/users?secret_key=${secretKey}&authorization=Bearer%20${secretKey}` }],
    ['a cookie', { path: '/v1/users', cookies: [`__session=${secretKey}`, `authorization=Bearer ${secretKey}`] }],
    ['another header', { path: '/v1/users', headers: { 'x-authorization': `Bearer ${secretKey}` } }],
  ])('a key anywhere but in the Authorization header does not count: %s', async (_, request) => {
    const answer = await call(request);

    expect(outcome(answer)).toEqual(refusal(401, 'authentication_invalid'));
  });
});

test('a request without a valid key stores nothing', async () => {
  const userId = await aUser();
  const external_id = `never_${randomBytes(8).toString('hex')}`;
  const headers = { authorization: `Bearer ${aSecretKey()}` };

  const answers = [
    await callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor: { sub: 'a' } }, headers),
    await callBackend('POST', '/v1/users', { external_id }, headers),
    await callBackend('POST', `/v1/users/${userId}/ban`, undefined, headers),
    await callBackend('DELETE', `/v1/users/${userId}`, undefined, headers),
  ];

  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  expect(await itemsWith('ACTOR_TOKENS', { user_id: userId })).toEqual([]);
  expect(await itemsWith('USERS', { external_id })).toEqual([]);
  expect(await storedItem('USERS', { id: userId })).toMatchObject({ banned: false });
});

test('the secret key is stored as a hash only', async () => {
  const items = await itemsWith('SECRET_KEYS', {});

  expect(JSON.stringify(items)).not.toContain(secretKey);
  expect(items.map(({ hash }) => hash)).toContain(createHash('sha256').update(secretKey).digest('hex'));
});
