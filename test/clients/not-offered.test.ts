// What docs/clients.md says that no client can do here, and what it gets instead.
import { isClerkAPIResponseError } from '@clerk/backend/errors';
import { describe, expect, test } from 'vitest';
import { aSignedInBrowser, clerk } from './backend/clerk.ts';

interface Subject {
  readonly userId: string;
  readonly sessionId: string;
}

const refused: readonly [string, string, (of: Subject) => Promise<unknown>][] = [
  [
    'sessions.createSession',
    'A session begins only when a ticket is redeemed.',
    ({ userId }) => clerk.sessions.createSession({ userId }),
  ],
  [
    'signInTokens.createSignInToken',
    'There are no sign-in tokens here. Create an actor token',
    ({ userId }) => clerk.signInTokens.createSignInToken({ userId, expiresInSeconds: 60 }),
  ],
  [
    'agentTasks.create',
    'There are no agent tasks here. Create an actor token',
    ({ userId }) =>
      clerk.agentTasks.create({
        onBehalfOf: { userId },
        permissions: '*',
        agentName: 'agent',
        taskDescription: 'task',
        redirectUrl: 'https://app.example.com',
      }),
  ],
  [
    'sessions.getToken with a template',
    'There are no JWT templates here.',
    ({ sessionId }) => clerk.sessions.getToken(sessionId, 'supabase'),
  ],
  [
    'sessions.getToken for longer than 60 seconds',
    'expires_in_seconds must be an integer from 30 to 60',
    ({ sessionId }) => clerk.sessions.getToken(sessionId, undefined, 61),
  ],
  ['jwtTemplates.list', 'There are no JWT templates here.', () => clerk.jwtTemplates.list()],
  [
    'organizations.createOrganization',
    'There are no organizations here.',
    ({ userId }) => clerk.organizations.createOrganization({ name: 'Acme', createdBy: userId }),
  ],
  [
    'invitations.createInvitation',
    'Nobody can sign up or be invited here.',
    () => clerk.invitations.createInvitation({ emailAddress: 'ada@example.com' }),
  ],
  [
    'allowlistIdentifiers.getAllowlistIdentifierList',
    'There are no allowlists',
    () => clerk.allowlistIdentifiers.getAllowlistIdentifierList(),
  ],
  ['users.lockUser', 'There are no allowlists and locks', ({ userId }) => clerk.users.lockUser(userId)],
  [
    'users.verifyPassword',
    'Users have no password',
    ({ userId }) => clerk.users.verifyPassword({ userId, password: 'x' }),
  ],
  ['clients.getClientList', 'Servers cannot read clients here.', () => clerk.clients.getClientList()],
];

describe('an operation that Clerk has and this product does not is refused with a sentence', () => {
  test.each(refused)('%s', async (_name, sentence, call) => {
    const error = await call(await aSignedInBrowser()).catch((thrown: unknown) => thrown);

    if (!isClerkAPIResponseError(error)) throw error;
    expect(error.status).toBeGreaterThanOrEqual(400);
    expect(error.errors[0]?.longMessage).toMatch(new RegExp(`^${sentence}`));
  });
});

describe('the lists of organizations are empty', () => {
  test('of a user', async () => {
    const { userId } = await aSignedInBrowser();

    const lists = [
      await clerk.users.getOrganizationMembershipList({ userId, limit: 10 }),
      await clerk.users.getOrganizationInvitationList({ userId }),
      await clerk.organizations.getOrganizationList({ limit: 10 }),
    ];

    expect(lists).toEqual(Array(3).fill(expect.objectContaining({ data: [], totalCount: 0 })));
  });
});
