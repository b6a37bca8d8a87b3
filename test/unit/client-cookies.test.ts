// The cookies of a browser, exactly.
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../shared/base/sha256.ts';
import { epochMs } from '../../shared/base/time.ts';
import {
  clearedCookies,
  clearedHandshakeCookie,
  handshakeCookie,
  handshakeSignedOutCookies,
  presentedClients,
  signedInCookies,
  signedOutCookies,
} from '../../shared/clients/client-cookie.ts';
import { newClientSecret, parseClientToken } from '../../shared/clients/client-secret.ts';
import { anInstance } from '../support/an-instance.ts';

const noon = epochMs(1_700_000_000_999);
const LIFE = 'Max-Age=34560000';
const id = 'client_2Zwn4c4SnN4HHeTb8EK7pe29iof';
const secret = 'a'.repeat(43);
const hash = sha256(secret).slice(0, 32);

const instance = anInstance({ COOKIE_DOMAIN: 'example.com' });
const belowPath = anInstance({ FRONTEND_API_URL: 'https://app.example.com/__clerk' });
const { cookieSuffix: suffix } = instance;
const uat = (value: number) =>
  ['', suffix].map((each) => `__client_uat${each}=${value}; Path=/; Domain=example.com; ${LIFE}; Secure; SameSite=Lax`);

describe('the cookies', () => {
  test('of a sign-in are the secret, which scripts cannot read, and the second of the sign-in', () => {
    expect(signedInCookies(instance, { id, secret }, noon)).toEqual([
      `__Host-client=${id}.${secret}; Path=/; ${LIFE}; HttpOnly; Secure; SameSite=Lax`,
      ...uat(1_700_000_000),
    ]);
  });

  test('of a sign-in below a path have a part of the hash of the secret too, which no sibling can plant', () => {
    expect(signedInCookies(belowPath, { id, secret }, noon).slice(0, 2)).toEqual([
      `__client=${id}.${secret}; Path=/__clerk; ${LIFE}; HttpOnly; Secure; SameSite=Lax`,
      `__Host-client_hash=${hash}; Path=/; ${LIFE}; HttpOnly; Secure; SameSite=Lax`,
    ]);
  });

  test('of a sign-out say that nobody is signed in', () => {
    expect(signedOutCookies(instance)).toEqual(uat(0));
  });

  test('of a client that is deleted are deleted', () => {
    expect(clearedCookies(instance)).toEqual([
      '__Host-client=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax',
      ...uat(0),
    ]);
  });

  test('of a handshake are kept for ten seconds, and deleted by the next one', () => {
    const attributes = `Path=/; Domain=example.com`;

    expect(handshakeCookie(instance, 'jwt')).toBe(
      `__clerk_handshake=jwt; ${attributes}; Max-Age=10; HttpOnly; Secure; SameSite=Lax`,
    );
    expect(clearedHandshakeCookie(instance)).toBe(
      `__clerk_handshake=; ${attributes}; Max-Age=0; HttpOnly; Secure; SameSite=Lax`,
    );
    expect(handshakeSignedOutCookies(instance)).toEqual([
      ...['', suffix].map((each) => `__session${each}=; Path=/; Max-Age=0; Secure; SameSite=Lax`),
      ...uat(0),
    ]);
  });
});

describe('the clients of a request', () => {
  const token = `${id}.${secret}`;
  const client = { id, secretHash: sha256(secret) };

  test('are those of its cookies, each once, without values that are none', () => {
    const cookies = [`__Host-client=${token}`, `__Host-client=${token}`, '__Host-client=other', `__client=${token}`];

    expect(presentedClients(cookies, instance)).toEqual({ clients: [client], doubtful: [] });
  });

  test.each([
    [`__Host-client_hash=${hash}`, { clients: [client], doubtful: [] }],
    [`__Host-client_hash=${hash.slice(1)}`, { clients: [], doubtful: [client] }],
    ['other=1', { clients: [], doubtful: [client] }],
  ])('below a path are doubtful without a part of the hash: with %s', (cookie, expected) => {
    expect(presentedClients([`__client=${token}`, cookie], belowPath)).toEqual(expected);
  });

  test.each(['', id, `${id}.`, `${id}.${secret}.`, `${id}.${secret.slice(1)}`, `user_1.${secret}`, `.${secret}`])(
    'are none for the text "%s"',
    (text) => {
      expect(parseClientToken(text)).toBeUndefined();
    },
  );
});

test('a new secret has 32 random bytes, and is stored as its hash', () => {
  const [one, other] = [newClientSecret(), newClientSecret()];

  expect(one.secret).toMatch(/^[\w-]{43}$/);
  expect(one.hash).toBe(sha256(one.secret));
  expect(one.secret).not.toBe(other.secret);
});
