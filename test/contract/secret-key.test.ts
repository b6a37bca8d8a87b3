import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { routes } from '../../functions/routes.ts';
import { secretKeyScopes } from '../../shared/secret-keys/secret-key.ts';
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
    'Bearer\ttab',
    'Bearers x',
    `Bearer ${secretKey} ${secretKey}`,
    `Bearer ${secretKey},Bearer ${secretKey}`,
    `Bearer${secretKey}`,
  ])('a header that is not Bearer and a key is malformed: %s', async (authorization) => {
    const answer = await listWith(authorization);

    expect(outcome(answer)).toEqual(refusal(401, 'authorization_header_format_invalid'));
  });
});

test.each(['bearer', 'BEARER', 'bEaReR', 'Bearer ', 'bearer   '])(
  'the scheme has any case, and one space or more behind it: "%s"',
  async (scheme) => {
    const answer = await listWith(`${scheme} ${secretKey}`);

    expect(answer.status).toBe(200);
  },
);

describe('a refusal says how to authenticate', () => {
  const challenges: readonly (readonly [string, string | undefined, number, string])[] = [
    ['no header', undefined, 401, 'Bearer realm="Backend API"'],
    ['another scheme', 'Basic eDp5', 401, 'Bearer realm="Backend API"'],
    ['an unknown key', `Bearer ${aSecretKey()}`, 401, 'Bearer realm="Backend API", error="invalid_token"'],
  ];

  test.each(challenges)('a refusal says how to authenticate: %s', async (_, authorization, status, challenge) => {
    const headers = authorization === undefined ? {} : { authorization };
    const answers = await Promise.all(
      backendOperations.map(({ method, path }) => call({ method, path: filledPath(path), headers })),
    );

    for (const answer of answers) {
      expect(answer.status).toBe(status);
      expect(answer.headers['www-authenticate']).toBe(challenge);
    }
  });

  test('a refusal says how to authenticate: a key without the scope', async () => {
    const key = aSecretKey();
    await storeItem('SECRET_KEYS', keyItem(key, { scopes: ['revoke'] }));

    const answer = await call({
      method: 'POST',
      path: '/v1/actor_tokens',
      headers: { authorization: `Bearer ${key}` },
    });

    expect(outcome(answer)).toEqual(refusal(403, 'not_allowed_access'));
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="Backend API", error="insufficient_scope"');
  });

  test('an answer to a valid key and a refusal for another reason have no challenge', async () => {
    const answers = [await listWith(`Bearer ${secretKey}`), await callBackend('GET', '/v1/users/x')];

    expect(answers.map(({ status }) => status)).toEqual([200, 404]);
    for (const { headers } of answers) expect(headers).not.toHaveProperty('www-authenticate');
  });
});

describe('a key that is not an active one of this instance is invalid', () => {
  test.each([
    ['an unknown one', aSecretKey()],
    ['one with a character more', `${secretKey}A`],
    ['one with a character less', secretKey.slice(0, -1)],
    ['one of the other kind', secretKey.replace('sk_test_', 'sk_live_')],
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

/** The scope that each operation of the Backend API needs. */
const scopeOf: Readonly<Record<string, string>> = {
  CreateActorToken: 'create',
  CreateBlocklistIdentifier: 'revoke',
  ListBlocklistIdentifiers: 'read',
  DeleteBlocklistIdentifier: 'create',
  CreateBackendSessionToken: 'create',
  RevokeActorToken: 'revoke',
  RevokeSession: 'revoke',
  ListSessions: 'read',
  GetSession: 'read',
  ListUsers: 'read',
  CountUsers: 'read',
  GetUser: 'read',
  CreateUser: 'users',
  DeleteUser: 'users',
  BanUser: 'users',
  UnbanUser: 'users',
  UpdateUser: 'users',
  UpdateUserMetadata: 'users',
  ListUserOrganizationMemberships: 'read',
  ListUserOrganizationInvitations: 'read',
  ListOrganizations: 'read',
  GetBackendJwks: 'any',
  CreateTestingToken: 'any',
};

/** Stores a secret key and returns it. */
async function aStoredKey(attributes: object): Promise<string> {
  const key = aSecretKey();
  await storeItem('SECRET_KEYS', keyItem(key, attributes));
  return key;
}

/** Calls an operation with a key, in a request that has no effect. */
async function callWith(key: string, { method, path }: (typeof routes)[number]) {
  return call({ method, path: filledPath(path), headers: { authorization: `Bearer ${key}` } });
}

describe('the scopes of a secret key', () => {
  test('every Backend API operation has its scope, and no other operation has one', () => {
    const stated = routes.flatMap(({ operation, scope }) => (scope === undefined ? [] : [[operation, scope]]));

    expect(Object.fromEntries(stated)).toEqual(scopeOf);
  });

  test.each(backendOperations.filter(({ operation }) => scopeOf[operation] !== 'any'))(
    '$operation refuses a key that has every scope but its own, with a sentence that names scope and command',
    async (route) => {
      const scope = scopeOf[route.operation];
      const key = await aStoredKey({ scopes: secretKeyScopes.filter((each) => each !== scope) });

      const answer = await callWith(key, route);

      expect(outcome(answer)).toEqual(refusal(403, 'not_allowed_access'));
      expect(answer.json.errors[0].long_message).toBe(
        `The secret key key_2Zwn4c4SnN4HHeTb8EK7pe29iof does not have the scope ${scope}, which this operation needs. ` +
          `Create one that has it with the command secret-key: create --may ${scope} --name <purpose>`,
      );
    },
  );

  test.each(backendOperations)('$operation accepts a key that has its scope and no other', async (route) => {
    const scope = scopeOf[route.operation];
    const key = await aStoredKey({ scopes: scope === 'any' ? [] : [scope] });

    const { status } = await callWith(key, route);

    expect([401, 403, 500]).not.toContain(status);
  });

  test.each(backendOperations)('$operation accepts a key that was stored before keys had scopes', async (route) => {
    const key = await aStoredKey({});

    const { status } = await callWith(key, route);

    expect([401, 403, 500]).not.toContain(status);
  });
});

test('a secret key is accepted until it expires, and refused as invalid from that instant on', async () => {
  const now = Date.now();
  const key = await aStoredKey({ expires_at: now + 60_000 });
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());

  vi.setSystemTime(now + 59_999);
  const before = await listWith(`Bearer ${key}`);
  vi.setSystemTime(now + 60_000);
  const after = await listWith(`Bearer ${key}`);

  expect(before.status).toBe(200);
  expect(outcome(after)).toEqual(refusal(401, 'clerk_key_invalid'));
  expect(after.json.errors[0].long_message).toBe(
    'The secret key key_2Zwn4c4SnN4HHeTb8EK7pe29iof has expired. Create another one with the command secret-key.',
  );
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

test.each([
  ['that nobody knows', async () => aSecretKey(), 401],
  ['without the scope', () => aStoredKey({ scopes: ['read'] }), 403],
])('a request with a secret key %s stores nothing', async (_, given, status) => {
  const userId = await aUser();
  const external_id = `never_${randomBytes(8).toString('hex')}`;
  const headers = { authorization: `Bearer ${await given()}` };

  const answers = [
    await callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor: { sub: 'a' } }, headers),
    await callBackend('POST', '/v1/users', { external_id }, headers),
    await callBackend('POST', `/v1/users/${userId}/ban`, undefined, headers),
    await callBackend('DELETE', `/v1/users/${userId}`, undefined, headers),
  ];

  expect(answers.map((answer) => answer.status)).toEqual(Array(4).fill(status));
  expect(await itemsWith('ACTOR_TOKENS', { user_id: userId })).toEqual([]);
  expect(await itemsWith('USERS', { external_id })).toEqual([]);
  expect(await storedItem('USERS', { id: userId })).toMatchObject({ banned: false });
});

test('the secret key is stored as a hash only', async () => {
  const items = await itemsWith('SECRET_KEYS', {});

  expect(JSON.stringify(items)).not.toContain(secretKey);
  expect(items.map(({ hash }) => hash)).toContain(createHash('sha256').update(secretKey).digest('hex'));
});
