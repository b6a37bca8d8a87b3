// Whom the log line of each operation names. A line that signed for a session or answered somebody's data names the session, the user
// and the actor token. A line has the caller's address only when the caller has proved a secret key, a browser's secret or a ticket.
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { type OperationId, routes } from '../../functions/routes.ts';
import { epochMs } from '../../shared/base/time.ts';
import { createSecretKey } from '../../shared/secret-keys/create-secret-key.ts';
import { Browser } from '../support/browser.ts';
import { aStoryFor, callOf, pathToNobody, type Story } from '../support/every-operation.ts';
import { aPendingActorToken, aSignedInBrowser, aUser, plantedCookie } from '../support/given.ts';
import { call, callBackend, startApi, type TestAnswer, testInstance } from '../support/http.ts';
import { LOGGED_NAMES } from '../support/logged-names.ts';
import { changeItem } from '../support/stored.ts';
import { decoded, signedJwt } from '../support/tickets.ts';

const written = vi.spyOn(process.stdout, 'write');
afterAll(() => written.mockRestore());

type Line = Readonly<Record<string, unknown>>;

type Name = keyof typeof LOGGED_NAMES;

/** The named members of a line. */
function named(line: Line | undefined): Line {
  return Object.fromEntries(Object.entries(line ?? {}).filter(([name]) => Object.hasOwn(LOGGED_NAMES, name)));
}

/** Runs `act`, and returns its result and the lines that it logged. */
async function logged<Result>(
  act: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly lines: Line[] }> {
  written.mockClear();
  const result = await act();
  return { result, lines: written.mock.calls.map(([line]) => JSON.parse(String(line))) };
}

const OF_SERVER = ['secret_key_id', 'source_ip'] as const;
const OF_SESSION = ['session_id', 'user_id', 'actor_token_id'] as const;
const OF_BROWSER = [...OF_SESSION, 'source_ip'] as const;

/** The members that the line of a successful request has. */
const namesOf: Readonly<Record<OperationId, readonly Name[]>> = {
  CreateActorToken: [...OF_SERVER, 'actor_token_id', 'user_id', 'actor_sub'],
  RevokeActorToken: [...OF_SERVER, 'actor_token_id', 'user_id'],
  CreateSignIn: [...OF_BROWSER, 'actor_sub'],
  GetSignIn: OF_BROWSER,
  CreateSignUp: ['actor_token_id', 'source_ip'],
  GetClient: OF_BROWSER,
  CreateClient: OF_BROWSER,
  PutClient: OF_BROWSER,
  DeleteClient: OF_BROWSER,
  Handshake: OF_BROWSER,
  RemoveClientSessions: OF_BROWSER,
  GetClientSession: OF_BROWSER,
  CreateSessionToken: OF_BROWSER,
  TouchSession: OF_BROWSER,
  EndSession: OF_BROWSER,
  RemoveSession: OF_BROWSER,
  GetMe: OF_BROWSER,
  ListMySessions: OF_BROWSER,
  ListMyActiveSessions: OF_BROWSER,
  ListMyOrganizationMemberships: OF_BROWSER,
  ListMyOrganizationInvitations: OF_BROWSER,
  ListMyOrganizationSuggestions: OF_BROWSER,
  ListSessions: [...OF_SERVER, 'session_ids', 'user_ids'],
  GetSession: [...OF_SERVER, ...OF_SESSION],
  RevokeSession: [...OF_SERVER, ...OF_SESSION],
  CreateBackendSessionToken: [...OF_SERVER, ...OF_SESSION],
  CreateUser: [...OF_SERVER, 'user_id'],
  ListUsers: [...OF_SERVER, 'user_ids'],
  // It answers a number, and nobody's data.
  CountUsers: OF_SERVER,
  GetUser: [...OF_SERVER, 'user_id'],
  UpdateUser: [...OF_SERVER, 'user_id'],
  UpdateUserMetadata: [...OF_SERVER, 'user_id'],
  DeleteUser: [...OF_SERVER, 'user_id'],
  BanUser: [...OF_SERVER, 'user_id'],
  UnbanUser: [...OF_SERVER, 'user_id'],
  ListUserOrganizationMemberships: [...OF_SERVER, 'user_id'],
  ListUserOrganizationInvitations: [...OF_SERVER, 'user_id'],
  ListOrganizations: OF_SERVER,
  CreateBlocklistIdentifier: [...OF_SERVER, 'actor_sub'],
  ListBlocklistIdentifiers: OF_SERVER,
  DeleteBlocklistIdentifier: [...OF_SERVER, 'actor_sub'],
  GetBackendJwks: OF_SERVER,
  CreateTestingToken: OF_SERVER,
  // The page shows the user's name and e-mail address.
  ShowAcceptPage: ['actor_token_id', 'user_id', 'source_ip'],
  AcceptTicket: [...OF_BROWSER, 'actor_sub'],
  GetEnvironment: [],
  UpdateEnvironment: [],
  CreateDevBrowser: [],
  RedirectScript: [],
  GetImpersonationBanner: [],
  GetJwks: [],
  GetOpenidConfiguration: [],
  GetOpenapi: [],
  GetHealth: [],
};

/** A browser of a deployment where the button of the accept page redeems the ticket. */
const browserOf = (operation: OperationId) =>
  operation === 'AcceptTicket' ? new Browser(startApi(testInstance({ SIGN_IN_URL: '' }))) : new Browser();

/** The values that belong to a story. The answer has the id of what the request created. */
function valuesOf(story: Story, { operation, answer }: { operation: string; answer: TestAnswer }) {
  return {
    secret_key_id: expect.stringMatching(/^key_[0-9A-Za-z]{27}$/),
    actor_token_id: operation === 'CreateActorToken' ? answer.json.id : story.actorTokenId,
    session_id: story.sessionId,
    session_ids: story.sessionId,
    user_id: operation === 'CreateUser' ? answer.json.id : story.userId,
    user_ids: story.userId,
    actor_sub: story.actorSub,
    source_ip: '192.0.2.1',
  } satisfies Readonly<Record<Name, unknown>>;
}

describe('the line of a request', () => {
  test.each(routes)('the log line of $operation names whom it was about, and nobody else', async ({ operation }) => {
    const story = await aStoryFor(operation, browserOf(operation));

    const { result: answer, lines } = await logged(() => callOf[operation](story));

    const values = valuesOf(story, { operation, answer });
    expect(lines.map((line) => line.operation)).toEqual([operation]);
    expect(named(lines[0])).toEqual(Object.fromEntries(namesOf[operation].map((name) => [name, values[name]])));
    expect(JSON.stringify(lines)).not.toMatch(/Sam Support|sam@example|\bAda\b|ada@example/);
  });

  const paths = routes.map(({ operation, method, path }) => ({ operation, method, path: pathToNobody(path) }));

  test.each([...paths, { operation: 'NotFound', method: 'GET', path: '/nowhere' }])(
    'the log line of $operation has neither the address nor an id of somebody who proves nothing',
    async ({ operation, method, path }) => {
      const { lines } = await logged(() => call({ method, path }));

      expect(lines.map((line) => line.operation)).toEqual([operation]);
      expect(named(lines[0])).toEqual({});
    },
  );

  test.each(paths.filter(({ path }) => path.startsWith('/v1/client') || path.startsWith('/v1/me')))(
    'the log line of $operation has no address of a browser with a planted or altered cookie',
    async ({ method, path }) => {
      const { browser, sessionId } = await aSignedInBrowser();
      const cookie = browser.cookies.find((each) => each.includes('=client_')) ?? '';
      const altered = cookie.replace(/\.[\w-]{43}$/, `.${'A'.repeat(43)}`);
      expect(altered).not.toBe(cookie);
      const own = path.replace(/sess_0+/, sessionId).replace(/sia_0+/, sessionId.replace('sess', 'sia'));

      for (const presented of [plantedCookie, altered]) {
        const { lines } = await logged(() => call({ method, path: own, cookies: [presented] }));

        expect(named(lines[0])).not.toHaveProperty('source_ip');
        expect(named(lines[0])).not.toHaveProperty('user_id');
      }
    },
  );

  test.each(paths.filter(({ path }) => /^\/v1\/(?!client|me|tickets)/.test(path)))(
    'the log line of $operation has no address of a server with an unknown secret key',
    async ({ method, path }) => {
      const headers = { authorization: `Bearer sk_live_${'0'.repeat(43)}` };

      const { lines } = await logged(() => call({ method, path, headers }));

      expect(named(lines[0])).toEqual({});
    },
  );

  test.each([
    ['was revoked', { revoked_at: 1 }, 'clerk_key_invalid'],
    ['has expired', { expires_at: 1 }, 'clerk_key_invalid'],
    ['lacks the scope', { scopes: [] }, 'not_allowed_access'],
  ])('whoever presents a secret key that %s is named by its id and their address', async (_, attributes, code) => {
    const own = { instance: testInstance(), now: epochMs(Date.now()) };
    const { key, secret } = await createSecretKey({ name: 'refused' }, own);
    const hash = createHash('sha256').update(secret).digest('hex');
    await changeItem('SECRET_KEYS', { hash }, attributes);
    const headers = { authorization: `Bearer ${secret}` };

    const { lines } = await logged(() => call({ path: '/v1/users/count', headers }));

    expect(lines).toMatchObject([{ code }]);
    expect(lines.map(named)).toEqual([{ secret_key_id: key.id, source_ip: '192.0.2.1' }]);
  });

  test('a ticket that nobody issued, or that has expired, proves nobody', async () => {
    const { ticket } = await aPendingActorToken();
    const expired = signedJwt({ ...decoded(ticket).payload, exp: 1 });
    const forged = `${ticket.slice(0, ticket.lastIndexOf('.'))}.${'A'.repeat(342)}`;

    for (const each of [expired, forged, 'x.y.z']) {
      const { lines } = await logged(async () => {
        await new Browser().redeem(each);
        await call({ path: `/v1/tickets/accept?ticket=${each}` });
      });

      expect(lines.map(named)).toEqual([{}, {}]);
    }
  });

  test('the line of a button that leads to the sign-in page is about the ticket, not about the session that ends', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    const { id, ticket, userId } = await aPendingActorToken();

    const { result, lines } = await logged(() => browser.accept(ticket));

    expect(result.status).toBe(303);
    expect(lines.map(named)).toEqual([
      { actor_token_id: id, user_id: userId, session_id: sessionId, source_ip: '192.0.2.1' },
    ]);
  });

  test('whoever presents a ticket that has been used is named by their address', async () => {
    const { ticket, actorTokenId } = await aSignedInBrowser();

    const { lines } = await logged(() => new Browser().redeem(ticket));

    expect(lines).toMatchObject([{ code: 'actor_token_already_used_code' }]);
    expect(lines.map(named)).toEqual([{ actor_token_id: actorTokenId, source_ip: '192.0.2.1' }]);
  });

  test('the line of a list names everybody whose data it answered', async () => {
    const userIds = [await aUser(), await aUser(), await aUser()];
    const query = new URLSearchParams(userIds.map((id): [string, string] => ['user_id', id]));

    const { result, lines } = await logged(() => callBackend('GET', `/v1/users?${query}&limit=2&offset=1`));

    const answered: string[] = result.json.map(({ id }: { id: string }) => id);
    expect(answered).toHaveLength(2);
    expect(lines).toMatchObject([{ user_ids: answered.join(' ') }]);
  });
});
