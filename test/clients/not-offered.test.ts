// What docs/clients.md says that no client can do here.
import { isClerkAPIResponseError } from '@clerk/backend/errors';
import { expect, test } from 'vitest';
import { aSignedInBrowser, clerk } from './backend/clerk.ts';

test.each([
  ['sessions.createSession', ({ userId }) => clerk.sessions.createSession({ userId })],
  [
    'signInTokens.createSignInToken',
    ({ userId }) => clerk.signInTokens.createSignInToken({ userId, expiresInSeconds: 60 }),
  ],
  ['sessions.getToken with a template', ({ sessionId }) => clerk.sessions.getToken(sessionId, 'supabase')],
  [
    'sessions.getToken for longer than 60 seconds',
    ({ sessionId }) => clerk.sessions.getToken(sessionId, undefined, 61),
  ],
] satisfies [string, (signedIn: { userId: string; sessionId: string }) => Promise<unknown>][])(
  '%s is refused with an error of the client',
  async (_name, call) => {
    const error = await call(await aSignedInBrowser()).catch((thrown: unknown) => thrown);

    expect(isClerkAPIResponseError(error) && error.status).toBeGreaterThanOrEqual(400);
  },
);
