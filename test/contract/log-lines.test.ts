// Whom the log line of each operation names. A line that signed for a session or answered somebody's data names the session, the user
// and the actor token. A line has the caller's address only when the caller has proved a secret key, a browser's secret or a ticket.
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, inject, test, vi } from 'vitest';
import { type OperationId, routes } from '../../functions/routes.ts';
import type { Ids } from '../../shared/base/metrics.ts';
import { epochMs } from '../../shared/base/time.ts';
import { createSecretKey } from '../../shared/secret-keys/create-secret-key.ts';
import { revokeSecretKey } from '../../shared/secret-keys/revoke-secret-key.ts';
import { Browser } from '../support/browser.ts';
import { aPendingActorToken, aSignedInBrowser, aUser, plantedCookie } from '../support/given.ts';
import { call, callBackend, startApi, type TestAnswer, testInstance } from '../support/http.ts';
import { decoded, signedJwt } from '../support/tickets.ts';

const written = vi.spyOn(process.stdout, 'write');
afterAll(() => written.mockRestore());

/** There the button of the accept page redeems the ticket. */
const withoutSignInPage = startApi(testInstance({ SIGN_IN_URL: '' }));

type Line = Readonly<Record<string, unknown>>;

/** The members of a line that say who asked, and about whom. The compiler accepts this object only when it has each of them. */
const NAMES: Readonly<Record<keyof Ids | 'source_ip', true>> = {
  actor_sub: true,
  actor_token_id: true,
  secret_key_id: true,
  session_id: true,
  session_ids: true,
  source_ip: true,
  user_id: true,
  user_ids: true,
};
type Name = keyof typeof NAMES;

/** The named members of a line. */
function named(line: Line | undefined): Line {
  return Object.fromEntries(Object.entries(line ?? {}).filter(([name]) => Object.hasOwn(NAMES, name)));
}

/** Runs `act`, and returns its result and the lines that it logged. */
async function logged<Result>(
  act: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly lines: Line[] }> {
  written.mockClear();
  const result = await act();
  return { result, lines: written.mock.calls.map(([line]) => JSON.parse(String(line))) };
}

interface Story {
  readonly browser: Browser;
  readonly userId: string;
  readonly actorTokenId: string;
  readonly sessionId: string;
  readonly ticket: string;
  readonly actorSub: string;
}

interface Row {
  /** The members that the line has. */
  readonly names: readonly Name[];
  readonly send: (story: Story) => Promise<TestAnswer>;
  /** The story before a redemption. */
  readonly isPending?: true;
}

const OF_SERVER = ['secret_key_id', 'source_ip'] as const;
const OF_SESSION = ['session_id', 'user_id', 'actor_token_id'] as const;
const OF_BROWSER = [...OF_SESSION, 'source_ip'] as const;

const session = (suffix: string) => (story: Story) =>
  story.browser.post(`/v1/client/sessions/${story.sessionId}${suffix}`);

/** One row for each operation: what a successful request logs. A new operation does not compile without one. */
const rows: Readonly<Record<OperationId, Row>> = {
  CreateActorToken: {
    names: [...OF_SERVER, 'actor_token_id', 'user_id', 'actor_sub'],
    send: ({ userId, actorSub }) =>
      callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor: { sub: actorSub, name: 'Sam Support' } }),
  },
  RevokeActorToken: {
    names: [...OF_SERVER, 'actor_token_id', 'user_id'],
    send: ({ actorTokenId }) => callBackend('POST', `/v1/actor_tokens/${actorTokenId}/revoke`),
    isPending: true,
  },
  CreateSignIn: {
    names: [...OF_BROWSER, 'actor_sub'],
    send: ({ browser, ticket }) => browser.redeem(ticket),
    isPending: true,
  },
  RevokeSession: {
    names: [...OF_SERVER, ...OF_SESSION],
    send: ({ sessionId }) => callBackend('POST', `/v1/sessions/${sessionId}/revoke`),
  },
  GetClient: { names: OF_BROWSER, send: ({ browser }) => browser.get('/v1/client?_clerk_js_version=6') },
  CreateClient: { names: OF_BROWSER, send: ({ browser }) => browser.post('/v1/client') },
  PutClient: { names: OF_BROWSER, send: ({ browser }) => browser.send('PUT', '/v1/client') },
  DeleteClient: { names: OF_BROWSER, send: ({ browser }) => browser.send('DELETE', '/v1/client') },
  Handshake: {
    names: OF_BROWSER,
    send: ({ browser }) => browser.get(`/v1/client/handshake?redirect_url=${inject('stack').allowedOrigin}`),
  },
  GetSignIn: {
    names: OF_BROWSER,
    send: ({ browser, sessionId }) => browser.get(`/v1/client/sign_ins/${sessionId.replace('sess', 'sia')}`),
  },
  RemoveClientSessions: { names: OF_BROWSER, send: ({ browser }) => browser.send('DELETE', '/v1/client/sessions') },
  GetClientSession: {
    names: OF_BROWSER,
    send: ({ browser, sessionId }) => browser.get(`/v1/client/sessions/${sessionId}`),
  },
  CreateSessionToken: { names: OF_BROWSER, send: session('/tokens') },
  TouchSession: { names: OF_BROWSER, send: session('/touch') },
  EndSession: { names: OF_BROWSER, send: session('/end') },
  RemoveSession: { names: OF_BROWSER, send: session('/remove') },
  GetMe: { names: OF_BROWSER, send: ({ browser }) => browser.get('/v1/me') },
  ListMySessions: { names: OF_BROWSER, send: ({ browser }) => browser.get('/v1/me/sessions') },
  ListMyActiveSessions: { names: OF_BROWSER, send: ({ browser }) => browser.get('/v1/me/sessions/active') },
  ListSessions: {
    names: [...OF_SERVER, 'session_ids', 'user_ids'],
    send: ({ userId }) => callBackend('GET', `/v1/sessions?user_id=${userId}`),
  },
  GetSession: {
    names: [...OF_SERVER, ...OF_SESSION],
    send: ({ sessionId }) => callBackend('GET', `/v1/sessions/${sessionId}`),
  },
  CreateBackendSessionToken: {
    names: [...OF_SERVER, ...OF_SESSION],
    send: ({ sessionId }) => callBackend('POST', `/v1/sessions/${sessionId}/tokens`),
  },
  GetBackendJwks: { names: OF_SERVER, send: () => callBackend('GET', '/v1/jwks') },
  CreateUser: {
    names: [...OF_SERVER, 'user_id'],
    send: () => callBackend('POST', '/v1/users', { first_name: 'Ada', email_address: ['ada@example.com'] }),
  },
  ListUsers: {
    names: [...OF_SERVER, 'user_ids'],
    send: ({ userId }) => callBackend('GET', `/v1/users?user_id=${userId}`),
  },
  // It answers a number, and nobody's data.
  CountUsers: { names: OF_SERVER, send: () => callBackend('GET', '/v1/users/count') },
  GetUser: { names: [...OF_SERVER, 'user_id'], send: ({ userId }) => callBackend('GET', `/v1/users/${userId}`) },
  UpdateUser: {
    names: [...OF_SERVER, 'user_id'],
    send: ({ userId }) => callBackend('PATCH', `/v1/users/${userId}`, { first_name: 'Grace' }),
  },
  UpdateUserMetadata: {
    names: [...OF_SERVER, 'user_id'],
    send: ({ userId }) => callBackend('PATCH', `/v1/users/${userId}/metadata`, { private_metadata: { note: 'x' } }),
  },
  DeleteUser: { names: [...OF_SERVER, 'user_id'], send: ({ userId }) => callBackend('DELETE', `/v1/users/${userId}`) },
  BanUser: { names: [...OF_SERVER, 'user_id'], send: ({ userId }) => callBackend('POST', `/v1/users/${userId}/ban`) },
  UnbanUser: {
    names: [...OF_SERVER, 'user_id'],
    send: ({ userId }) => callBackend('POST', `/v1/users/${userId}/unban`),
  },
  CreateSignUp: {
    names: ['actor_token_id', 'source_ip'],
    send: ({ browser, ticket }) => browser.post('/v1/client/sign_ups', { strategy: 'ticket', ticket }),
    isPending: true,
  },
  // The page shows the user's name and e-mail address.
  ShowAcceptPage: {
    names: ['actor_token_id', 'user_id', 'source_ip'],
    send: ({ ticket }) => call({ path: `/v1/tickets/accept?ticket=${ticket}` }),
    isPending: true,
  },
  AcceptTicket: {
    names: [...OF_BROWSER, 'actor_sub'],
    send: ({ ticket }) => new Browser(withoutSignInPage).accept(ticket),
    isPending: true,
  },
  GetJwks: { names: [], send: () => call({ path: '/.well-known/jwks.json' }) },
  GetEnvironment: { names: [], send: ({ browser }) => browser.get('/v1/environment') },
  UpdateEnvironment: { names: [], send: ({ browser }) => browser.send('PATCH', '/v1/environment') },
  CreateDevBrowser: { names: [], send: ({ browser }) => browser.post('/v1/dev_browser') },
  RedirectScript: { names: [], send: () => call({ path: '/npm/@clerk/clerk-js@6/dist/clerk.browser.js' }) },
  GetImpersonationBanner: { names: [], send: () => call({ path: '/v1/impersonation-banner.js' }) },
  GetOpenidConfiguration: { names: [], send: () => call({ path: '/.well-known/openid-configuration' }) },
  GetOpenapi: { names: [], send: () => call({ path: '/v1/openapi.json' }) },
  GetHealth: { names: [], send: () => call({ path: '/v1/health' }) },
};

async function storyOf({ isPending }: Row): Promise<Story> {
  const actorSub = `support_${randomUUID()}`;
  const params = { actor: { sub: actorSub, name: 'Sam Support', email: 'sam@example.com' } };
  if (!isPending) return { ...(await aSignedInBrowser(params)), actorSub };
  const { id, ticket, userId } = await aPendingActorToken(params);
  return { browser: new Browser(), actorTokenId: id, sessionId: id.replace('act_', 'sess_'), ticket, userId, actorSub };
}

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

/** The prefix of the id that a parameter of a path is. */
const PREFIXES: Readonly<Record<string, string>> = {
  actor_token: 'act',
  session: 'sess',
  sign_in: 'sia',
  user: 'user',
};

describe('the line of a request', () => {
  test.each(Object.entries(rows))(
    'the log line of %s names whom it was about, and nobody else',
    async (operation, row) => {
      const story = await storyOf(row);

      const { result: answer, lines } = await logged(() => row.send(story));

      const values = valuesOf(story, { operation, answer });
      expect(lines.map((line) => line.operation)).toEqual([operation]);
      expect(named(lines[0])).toEqual(Object.fromEntries(row.names.map((name) => [name, values[name]])));
      expect(JSON.stringify(lines)).not.toMatch(/Sam Support|sam@example|Ada|ada@example/);
    },
  );

  const paths = routes.map(({ operation, method, path }) => {
    const filled = path.replace(/\{(\w+)_id\}/g, (_, noun: string) => `${PREFIXES[noun]}_${'0'.repeat(27)}`);
    return { operation, method, path: filled.replace('{proxy+}', 'x') };
  });

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

  test('whoever presents a secret key that was revoked is named by its id and their address', async () => {
    const own = { instance: testInstance(), now: epochMs(Date.now()) };
    const { key, secret } = await createSecretKey({ name: 'revoked' }, own);
    await revokeSecretKey(key.id, own);
    const headers = { authorization: `Bearer ${secret}` };

    const { lines } = await logged(() => call({ path: '/v1/users/count', headers }));

    expect(lines).toMatchObject([{ code: 'clerk_key_invalid' }]);
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
