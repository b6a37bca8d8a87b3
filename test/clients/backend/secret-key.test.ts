import { verifyToken } from '@clerk/backend';
import { expect, inject, test } from 'vitest';
import { aSignedInBrowser, clerk, clerkClient, expectRefusal, unknownId } from './clerk.ts';

const { baseUrl, secretKey } = inject('stack');

const INVALID = [
  {
    code: 'clerk_key_invalid',
    longMessage: 'The secret key is unknown or has been revoked. Make sure that it is a secret key of this instance.',
  },
];

const UNKNOWN_KEYS: readonly (readonly [string, string])[] = [
  ['of another instance', `sk_live_${'A'.repeat(43)}`],
  ['with one character changed', secretKey.slice(0, -1) + (secretKey.endsWith('A') ? 'B' : 'A')],
  ['cut short', secretKey.slice(0, -1)],
  [
    'of the other kind with the same secret',
    secretKey.replace(/^sk_(live|test)_/, (prefix) => (prefix === 'sk_live_' ? 'sk_test_' : 'sk_live_')),
  ],
  ['that is not shaped like one', 'hunter2'],
];

test.each(UNKNOWN_KEYS)('a key %s is refused', async (_case, wrongKey) => {
  const stranger = clerkClient({ secretKey: wrongKey });

  await expectRefusal(stranger.users.getCount(), 401, INVALID);
});

test('a key with a space in it makes a malformed header', async () => {
  const stranger = clerkClient({ secretKey: `${secretKey} ${secretKey}` });

  await expectRefusal(stranger.users.getCount(), 401, [
    {
      code: 'authorization_header_format_invalid',
      longMessage: "Invalid Authorization header. It must be 'Bearer <your secret key>'.",
    },
  ]);
});

test('without a valid key every operation refuses before it reads the request', async () => {
  const { sessionId, userId } = await aSignedInBrowser();
  const stranger = clerkClient({ secretKey: `sk_live_${'A'.repeat(43)}` });
  const calls = [
    () => stranger.actorTokens.create({ userId, actor: { sub: '' } }),
    () => stranger.actorTokens.revoke(unknownId('act')),
    () => stranger.sessions.getSessionList({}),
    () => stranger.sessions.getSession(sessionId),
    () => stranger.sessions.revokeSession(sessionId),
    () => stranger.sessions.getToken(sessionId),
    () => stranger.users.createUser({ password: 'unsupported' }),
    () => stranger.users.getUserList(),
    () => stranger.users.getUser(userId),
    () => stranger.users.getCount(),
    () => stranger.users.banUser(userId),
    () => stranger.users.unbanUser(userId),
    () => stranger.users.deleteUser(userId),
    () => stranger.jwks.getJwks(),
    () => stranger.testingTokens.createTestingToken(),
  ];

  for (const call of calls) await expectRefusal(call(), 401, INVALID);

  await expect(clerk.sessions.getSession(sessionId)).resolves.toMatchObject({ status: 'active' });
  await expect(clerk.users.getUser(userId)).resolves.toMatchObject({ banned: false });
});

test('with a wrong key no session token is verified, and the error names the key', async () => {
  const { sessionToken } = await aSignedInBrowser();
  const [wrongKey, anotherWrongKey] = ['A', 'B'].map((letter) => `sk_live_${letter.repeat(43)}`);
  const request = new Request('http://127.0.0.1/', { headers: { authorization: `Bearer ${sessionToken}` } });

  // Both run at once, because the client sends five requests before it gives up.
  const [verification, state] = await Promise.allSettled([
    verifyToken(sessionToken, { secretKey: wrongKey, apiUrl: baseUrl }),
    clerkClient({ secretKey: anotherWrongKey }).authenticateRequest(request),
  ]);

  expect(verification).toMatchObject({ status: 'rejected', reason: { reason: 'secret-key-invalid' } });
  expect(state).toMatchObject({ value: { status: 'signed-out', reason: 'secret-key-invalid' } });
});
