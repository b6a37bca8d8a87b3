import { verifyToken } from '@clerk/backend';
import { expect, inject, test } from 'vitest';
import { storedItem, storeItem } from '../../support/stored.ts';
import { aSignedInBrowser, clerk, expectRefusal, NOT_FOUND, unknownId } from './clerk.ts';

const { baseUrl, frontendApiUrl, secretKey } = inject('stack');

test('a server gets a session token of 60 seconds that names target and actor, and no page', async () => {
  const actor = { sub: 'user_support', reason: 'SUP-1' };
  const { sessionId, userId } = await aSignedInBrowser({ actor });

  const { jwt } = await clerk.sessions.getToken(sessionId);

  const claims = await verifyToken(jwt, { secretKey, apiUrl: baseUrl });
  expect(claims).toEqual({
    act: actor,
    exp: claims.iat + 60,
    fva: [0, -1],
    iat: expect.any(Number),
    iss: frontendApiUrl,
    nbf: claims.iat - 10,
    sid: sessionId,
    sts: 'active',
    sub: userId,
    v: 2,
  });
});

test('a server gets a shorter session token on request', async () => {
  const { sessionId } = await aSignedInBrowser();

  const { jwt } = await clerk.sessions.getToken(sessionId, undefined, 30);

  const { exp, iat } = await verifyToken(jwt, { secretKey, apiUrl: baseUrl });
  expect(exp - iat).toBe(30);
});

test('no session token outlives its session', async () => {
  const { sessionId } = await aSignedInBrowser({ sessionMaxDurationInSeconds: 20 });
  const { expireAt } = await clerk.sessions.getSession(sessionId);

  const { jwt } = await clerk.sessions.getToken(sessionId);

  const { exp } = await verifyToken(jwt, { secretKey, apiUrl: baseUrl });
  expect(exp).toBe(Math.floor(expireAt / 1000));
});

test('getting a session token does not count as activity', async () => {
  const { sessionId } = await aSignedInBrowser();
  const before = await clerk.sessions.getSession(sessionId);

  await clerk.sessions.getToken(sessionId);

  await expect(clerk.sessions.getSession(sessionId)).resolves.toEqual(before);
});

test.each([29, 61])('a session token cannot live %d seconds', async (seconds) => {
  const { sessionId } = await aSignedInBrowser();
  const code = seconds > 60 ? 'form_param_value_too_large' : 'form_param_value_invalid';

  await expectRefusal(clerk.sessions.getToken(sessionId, undefined, seconds), 422, [
    {
      code,
      longMessage: 'expires_in_seconds must be an integer from 30 to 60.',
      meta: { paramName: 'expires_in_seconds' },
    },
  ]);
});

test('no session token is issued for a session that was revoked, ended, removed or signed out', async () => {
  const [revoked, ended, removed, signedOut] = await Promise.all([
    aSignedInBrowser(),
    aSignedInBrowser(),
    aSignedInBrowser(),
    aSignedInBrowser(),
  ]);
  await clerk.sessions.revokeSession(revoked.sessionId);
  await ended.browser.post(`/v1/client/sessions/${ended.sessionId}/end`);
  await removed.browser.post(`/v1/client/sessions/${removed.sessionId}/remove`);
  await signedOut.browser.signOut();

  for (const { sessionId } of [revoked, ended, removed, signedOut]) {
    await expectRefusal(clerk.sessions.getToken(sessionId), 404, NOT_FOUND);
  }
});

test('no session token is issued for an unknown session or by a template', async () => {
  const { sessionId } = await aSignedInBrowser();

  await expectRefusal(clerk.sessions.getToken(unknownId('sess')), 404, NOT_FOUND);
  await expectRefusal(clerk.sessions.getToken(sessionId, 'supabase'), 404, [
    {
      code: 'resource_not_found',
      longMessage: 'There are no JWT templates here. Ask for the session token without a template.',
    },
  ]);
});

test.each([
  ['banned', clerk.users.banUser.bind(clerk.users)],
  ['deleted', clerk.users.deleteUser.bind(clerk.users)],
])('no session token is issued for a session whose user was %s', async (_case, end) => {
  const { sessionId, userId } = await aSignedInBrowser();
  await end(userId);

  await expectRefusal(clerk.sessions.getToken(sessionId), 404, NOT_FOUND);

  await expect(clerk.sessions.getSession(sessionId)).resolves.toMatchObject({ status: 'revoked' });
});

// A sign-in just before a ban may be missing in the index that the ban uses to end sessions.
test('no session token is issued for a session that the ban of its user did not find', async () => {
  const { sessionId, userId } = await aSignedInBrowser();
  await storeItem('USERS', { ...(await storedItem('USERS', { id: userId })), banned: true });

  await expectRefusal(clerk.sessions.getToken(sessionId), 404, NOT_FOUND);

  await expect(clerk.sessions.getSession(sessionId)).resolves.toMatchObject({ status: 'revoked' });
});
