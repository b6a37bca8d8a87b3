import { describe, expect, test } from 'vitest';
import { epochMs } from '../../shared/base/time.ts';
import {
  newSecretKey,
  type SecretKey,
  secretKeyScopes,
  statusOf,
  whyRefused,
} from '../../shared/secret-keys/secret-key.ts';

const NOON = 1_700_000_000_000;

function aKey(members: Partial<SecretKey> = {}): SecretKey {
  return {
    id: 'key_2Zwn4c4SnN4HHeTb8EK7pe29iof',
    name: 'backend',
    scopes: secretKeyScopes,
    createdAt: epochMs(NOON),
    expiresAt: undefined,
    generation: 1,
    revokedAt: undefined,
    ...members,
  };
}

const at = (now: number) => ({ generation: 1, now: epochMs(now) });

describe('the status of a secret key', () => {
  test('a secret key without an expiry does not expire', () => {
    expect(statusOf(aKey(), at(Number.MAX_SAFE_INTEGER))).toBe('active');
  });

  test('a secret key is expired from its expiry on', () => {
    const key = aKey({ expiresAt: epochMs(NOON) });

    expect([NOON - 1, NOON, NOON + 1].map((now) => statusOf(key, at(now)))).toEqual(['active', 'expired', 'expired']);
  });

  test.each([
    ['revoked', { revokedAt: epochMs(NOON), expiresAt: epochMs(NOON), generation: 2 }],
    ['invalid', { expiresAt: epochMs(NOON), generation: 2 }],
  ] as const)('a secret key that is %s stays so when it expires', (status, members) => {
    expect(statusOf(aKey(members), at(NOON))).toBe(status);
  });
});

describe('a secret key', () => {
  test('without any scope is accepted only where every key is', () => {
    const key = aKey({ scopes: [] });
    const codes = (['any', ...secretKeyScopes] as const).map((scope) => whyRefused(key, { scope, ...at(NOON) })?.code);

    expect(codes).toEqual([undefined, ...secretKeyScopes.map(() => 'not_allowed_access')]);
  });

  test('is refused by an operation that states no scope', () => {
    expect(whyRefused(aKey(), { scope: undefined, ...at(NOON) })).toMatchObject({ code: 'not_allowed_access' });
  });

  test.each([
    ['expired', { expiresAt: epochMs(NOON) }],
    ['revoked', { revokedAt: epochMs(NOON) }],
    ['of another generation', { generation: 2 }],
  ])('that is %s is invalid, whatever its scopes', (_, members) => {
    const code = whyRefused(aKey(members), { scope: 'any', ...at(NOON) })?.code;

    expect(code).toBe('clerk_key_invalid');
  });
});

test('a new secret key has 32 random bytes', () => {
  const [one, other] = [newSecretKey('live'), newSecretKey('test')];

  expect(one).toMatch(/^sk_live_[\w-]{43}$/);
  expect(other).toMatch(/^sk_test_[\w-]{43}$/);
  expect(one.slice(-43)).not.toBe(other.slice(-43));
});
