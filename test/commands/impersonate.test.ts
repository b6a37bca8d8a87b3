import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { userInfo } from 'node:os';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { impersonate } from '../../cdk/commands/impersonate.ts';
import { listenLocally } from '../../local/aws/server.ts';
import { Browser } from '../support/browser.ts';
import { type FaultProxy, refusal, startFaultProxy, throttling } from '../support/fault-proxy.ts';
import { aPendingActorToken, aSignedInBrowser, aUser, type GivenSession } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { anInstanceOfItsOwn } from '../support/own-generation.ts';
import { storedItem, storeItem } from '../support/stored.ts';
import { deployedStack, outputsOfRunningStack, stackReply } from './deployed-stack.ts';
import { execute } from './execute.ts';
import { type Ended, LOCAL } from './run.ts';

const ACCEPTED_FOR = 'Apps accept a session token that was created before for up to 60 seconds.\n';

const anAgent = () => `support_${randomUUID()}`;
const tokenStatus = async ({ browser, sessionId }: GivenSession) =>
  (await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status;

/** The code with which a ticket is refused. */
async function refusalOf(ticket: string): Promise<string> {
  return (await new Browser().redeem(ticket)).json.errors[0].code;
}

/** The objects that a command printed with --json. */
// biome-ignore lint/suspicious/noExplicitAny: what a command prints; the tests state what is in it.
function printed(stdout: string): any[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line));
}

/** Executes the command, and leaves out its lines about items that other test files have made unreadable meanwhile. */
async function executeImpersonate(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended> {
  const ended = await execute(impersonate, args, env);
  return { ...ended, stderr: ended.stderr.replaceAll(/^.* is skipped: .*\n/gm, '') };
}

async function idsListed(...choice: readonly string[]): Promise<readonly string[]> {
  const { status, stdout } = await executeImpersonate(['list', '--json', ...choice, ...LOCAL]);
  expect(status).toBe(0);
  return printed(stdout).map(({ id }) => id);
}

/** A stack whose DynamoDB is behind a proxy, and whose API does not answer. */
async function floodedStack(): Promise<{
  readonly proxy: FaultProxy;
  readonly env: Readonly<Record<string, string>>;
}> {
  const proxy = await startFaultProxy(inject('stack').dynamodbEndpoint);
  onTestFinished(proxy.stop);
  const reply = stackReply({ ...outputsOfRunningStack(), ApiUrl: 'http://127.0.0.1:9' });
  return { proxy, env: (await deployedStack(reply, proxy.endpoint)).env };
}

describe('a list', () => {
  test('has every active session, and no other', async () => {
    const [one, other, ended] = [await aSignedInBrowser(), await aSignedInBrowser(), await aSignedInBrowser()];
    await ended.browser.post(`/v1/client/sessions/${ended.sessionId}/end`);
    const idle = await aSignedInBrowser();
    const item = await storedItem('SESSIONS', { id: idle.sessionId });
    await storeItem('SESSIONS', { ...item, last_active_at: Date.now() - 11 * 60_000 });

    const ids = await idsListed();

    expect(ids).toEqual(expect.arrayContaining([one.sessionId, other.sessionId]));
    expect(ids).not.toContain(ended.sessionId);
    expect(ids).not.toContain(idle.sessionId);
  });

  test('can have the sessions of one user, of one actor, or of both only', async () => {
    const sub = anAgent();
    const externalId = `n${randomUUID()}`;
    const userId = await aUser({ external_id: externalId });
    const both = await aSignedInBrowser({ user_id: userId, actor: { sub } });
    const ofUser = await aSignedInBrowser({ user_id: userId });
    const ofActor = await aSignedInBrowser({ actor: { sub } });

    expect((await idsListed('--user', userId)).toSorted()).toEqual([both.sessionId, ofUser.sessionId].toSorted());
    expect(await idsListed('--user', externalId)).toHaveLength(2);
    expect((await idsListed('--actor', sub)).toSorted()).toEqual([both.sessionId, ofActor.sessionId].toSorted());
    expect(await idsListed('--actor', sub, '--user', userId)).toEqual([both.sessionId]);
  });

  test('shows who acts as whom, and until when', async () => {
    const actor = { sub: anAgent(), reason: 'ticket 7' };
    const { sessionId, userId } = await aSignedInBrowser({ actor, session_max_duration_in_seconds: 60 });
    const { created_at } = (await storedItem('SESSIONS', { id: sessionId })) ?? {};

    const { stdout } = await executeImpersonate(['list', '--actor', actor.sub, '--json', ...LOCAL]);

    expect(printed(stdout)).toEqual([
      {
        id: sessionId,
        user_id: userId,
        external_id: null,
        actor,
        status: 'active',
        created_at: new Date(created_at).toISOString(),
        last_active_at: new Date(created_at).toISOString(),
        expire_at: new Date(created_at + 60_000).toISOString(),
        verified: null,
        reason: 'ticket 7',
        rule: null,
      },
    ]);
  });

  test('writes no invisible character that somebody stored to the terminal', async () => {
    const { sessionId, userId } = await aSignedInBrowser();
    const item = await storedItem('SESSIONS', { id: sessionId });
    await storeItem('SESSIONS', { ...item, actor: JSON.stringify({ sub: 'a\u200b\u202eb' }) });

    const { stdout } = await executeImpersonate(['list', '--user', userId, ...LOCAL]);

    expect(stdout).toContain('a\u{fffd}\u{fffd}b');
    expect(stdout).not.toMatch(/[\u200b\u202e]/);
  });

  test('repeats an argument in a message as it can be read', async () => {
    const { status, stderr } = await execute(impersonate, ['list', '--user', 'a\u200b\u202eb', ...LOCAL]);

    expect(status).toBe(1);
    expect(stderr).toContain('has no user a\u{fffd}\u{fffd}b:');
  });

  test('that is empty says so', async () => {
    const { status, stdout, stderr } = await executeImpersonate(['list', '--actor', anAgent(), ...LOCAL]);

    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(/^The local run in .* has no such session that is active\.\n$/);
  });
});

describe('revoking one session', () => {
  test('ends it at once, records the command, and does not need the API', async () => {
    const { env } = await floodedStack();
    const given = await aSignedInBrowser();
    expect(await tokenStatus(given)).toBe(200);

    const { status, stdout, stderr } = await executeImpersonate(['end', given.sessionId, '--json'], env);

    expect({ status, stderr }).toEqual({ status: 0, stderr: `${given.sessionId} has ended. ${ACCEPTED_FOR}` });
    expect(printed(stdout)).toMatchObject([{ id: given.sessionId, status: 'revoked' }]);
    expect(await tokenStatus(given)).toBe(401);
    expect(await storedItem('SESSIONS', { id: given.sessionId })).toMatchObject({
      end_status: 'revoked',
      end_cause: 'command_revoke',
      ended_by: null,
      ended_from: null,
      ended_with: 'npm run impersonate',
    });
  });

  test('that is over leaves the record of its end as it is', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    await browser.post(`/v1/client/sessions/${sessionId}/end`);
    const before = await storedItem('SESSIONS', { id: sessionId });

    const { status, stderr } = await executeImpersonate(['end', sessionId, ...LOCAL]);

    expect({ status, stderr }).toEqual({ status: 0, stderr: `${sessionId} had already ended.\n` });
    expect(await storedItem('SESSIONS', { id: sessionId })).toEqual(before);
  });

  test('that does not exist fails with the way to see the sessions', async () => {
    const id = `sess_${'0'.repeat(27)}`;

    const { status, stdout, stderr } = await executeImpersonate(['end', id, ...LOCAL]);

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`has no session ${id}: "list" shows its active sessions\\.\\n$`));
  });
});

describe('revoking one actor token', () => {
  test('makes its ticket worthless, and records the command', async () => {
    const { id, ticket } = await aPendingActorToken();

    const { status, stderr } = await executeImpersonate(['end', id, ...LOCAL]);

    expect({ status, stderr }).toEqual({ status: 0, stderr: `${id} is revoked: its ticket signs nobody in.\n` });
    expect(await refusalOf(ticket)).toBe('actor_token_revoked_code');
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({
      status: 'revoked',
      revoked_by: null,
      revoked_from: null,
      revoked_with: 'npm run impersonate',
    });
  });

  test('that was redeemed names the session that it started', async () => {
    const { actorTokenId, sessionId } = await aSignedInBrowser();

    const { status, stderr } = await executeImpersonate(['end', actorTokenId, ...LOCAL]);

    expect(status).toBe(1);
    expect(stderr).toContain(`Its session is ${sessionId}: write "end ${sessionId}".`);
  });

  test('that does not exist fails', async () => {
    const { status, stderr } = await executeImpersonate(['end', `act_${'0'.repeat(27)}`, ...LOCAL]);

    expect(status).toBe(1);
    expect(stderr).toMatch(/has no actor token act_0{27}\.\n$/);
  });
});

describe('revoking an agent', () => {
  test('ends their sessions and revokes their pending actor tokens, and those of nobody else', async () => {
    const sub = anAgent();
    const own = [await aSignedInBrowser({ actor: { sub } }), await aSignedInBrowser({ actor: { sub, of: 'x' } })];
    const pending = await aPendingActorToken({ actor: { sub } });
    const others = [
      await aSignedInBrowser({ actor: { sub: `${sub}1` } }),
      await aSignedInBrowser({ actor: { sub: 'another', sponsor: { sub } } }),
    ];
    const pendingOfAnother = await aPendingActorToken({ actor: { sub: 'another', sponsor: { sub } } });

    const { status, stdout, stderr } = await executeImpersonate(['end', '--actor', sub, '--json', ...LOCAL]);

    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `Ended 2 sessions, revoked 1 pending actor token. ${ACCEPTED_FOR}`,
    });
    const ended = printed(stdout).map(({ id, status: now }) => `${id} ${now}`);
    expect(ended.toSorted()).toEqual(
      [pending.id, ...own.map(({ sessionId }) => sessionId)].map((id) => `${id} revoked`).toSorted(),
    );
    expect(await Promise.all(own.map(tokenStatus))).toEqual([401, 401]);
    expect(await refusalOf(pending.ticket)).toBe('actor_token_revoked_code');
    expect(await Promise.all(others.map(tokenStatus))).toEqual([200, 200]);
    expect((await new Browser().redeem(pendingOfAnother.ticket)).status).toBe(200);
  });

  test('also ends a session that one of their tickets starts meanwhile', async () => {
    const { proxy, env } = await floodedStack();
    const sub = anAgent();
    const { id, ticket } = await aPendingActorToken({ actor: { sub } });
    const browser = new Browser();
    proxy.hurt({ operation: 'UpdateItem', about: id, times: 1 }, async ({ forward, answer }) => {
      expect((await browser.redeem(ticket)).status).toBe(200);
      answer(await forward());
    });

    const { status, stderr } = await executeImpersonate(['end', '--actor', sub], env);

    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `Ended 1 session, revoked 0 pending actor tokens. ${ACCEPTED_FOR}`,
    });
    const answer = await browser.post(`/v1/client/sessions/${id.replace('act_', 'sess_')}/tokens`);
    expect(answer.status).toBe(401);
  });

  test('goes on after a write that failed, reports it, and can be repeated', async () => {
    const { proxy, env } = await floodedStack();
    const sub = anAgent();
    const given = [await aSignedInBrowser({ actor: { sub } }), await aSignedInBrowser({ actor: { sub } })];
    const [first] = given;
    proxy.hurt({ operation: 'UpdateItem', about: first?.sessionId ?? '' }, throttling);

    const failed = await executeImpersonate(['end', '--actor', sub], env);
    const statuses = await Promise.all(given.map(tokenStatus));
    const repeated = await executeImpersonate(['end', '--actor', sub, ...LOCAL]);

    expect(failed).toMatchObject({
      status: 1,
      stderr:
        `Ended 1 session, revoked 0 pending actor tokens. ${ACCEPTED_FOR}` +
        '1 could not be ended: DynamoDB is throttling requests: wait a little and try again. Then run the same command again.\n',
    });
    expect(statuses).toEqual([200, 401]);
    expect(repeated).toMatchObject({ status: 0, stderr: expect.stringMatching(/^Ended 1 session, /) });
    expect(await Promise.all(given.map(tokenStatus))).toEqual([401, 401]);
  });

  test('names the action that the AWS credentials lack', async () => {
    const { proxy, env } = await floodedStack();
    const message = 'User: arn:aws:iam::1:user/x is not authorized to perform: dynamodb:Scan on resource: y';
    proxy.hurt({ operation: 'Scan' }, refusal(400, 'AccessDeniedException', { message }));

    const { status, stderr } = await executeImpersonate(['end', '--actor', anAgent()], env);

    expect(status).toBe(1);
    expect(stderr).toContain('Your AWS credentials do not allow dynamodb:Scan');
  });

  test('is not stopped by an item that somebody made unreadable', async () => {
    const sub = anAgent();
    const bad = await aSignedInBrowser({ actor: { sub } });
    const good = await aSignedInBrowser({ actor: { sub } });
    const item = await storedItem('SESSIONS', { id: bad.sessionId });
    await storeItem('SESSIONS', { ...item, actor: '{' });
    onTestFinished(() => storeItem('SESSIONS', { ...item, end_status: 'ended', ended_at: Date.now() }));

    const { status, stderr } = await execute(impersonate, ['end', '--actor', sub, ...LOCAL]);

    expect(status).toBe(0);
    expect(stderr).toContain(`${bad.sessionId} is skipped: its item cannot be read, so no function accepts it.`);
    expect(stderr).toContain('Ended 1 session, ');
    expect(await tokenStatus(good)).toBe(401);
  });
});

describe('revoking a user', () => {
  test('ends the sessions as this user by external id, and revokes the pending actor tokens for them', async () => {
    const externalId = `n${randomUUID()}`;
    const userId = await aUser({ external_id: externalId });
    const given = await aSignedInBrowser({ user_id: userId });
    const { ticket } = await aPendingActorToken({ user_id: userId });

    expect(await executeImpersonate(['end', '--user', externalId, ...LOCAL])).toMatchObject({ status: 0 });

    expect(await tokenStatus(given)).toBe(401);
    expect(await refusalOf(ticket)).toBe('actor_token_revoked_code');
    await expect(aSignedInBrowser({ user_id: userId })).resolves.toMatchObject({ userId });
  });

  test('who was deleted finds what is left of them by id', async () => {
    const { id, userId } = await aPendingActorToken();
    expect((await callBackend('DELETE', `/v1/users/${userId}`)).status).toBe(200);

    const { stdout } = await executeImpersonate(['end', '--user', userId, '--json', ...LOCAL]);

    expect(printed(stdout)).toMatchObject([{ id, status: 'revoked' }]);
  });

  test('who does not exist fails with the way to see the users', async () => {
    const { status, stderr } = await executeImpersonate(['end', '--user', 'nobody', ...LOCAL]);

    expect(status).toBe(1);
    expect(stderr).toMatch(/has no user nobody: "npm run users -- list" shows the ids of its users\.\n$/);
  });
});

describe('starting an impersonation', () => {
  const linkOf = (stdout: string) => stdout.trim();
  const ticketIn = (link: string) => new URL(link).searchParams.get('ticket') ?? '';

  test('prints a link that signs in as the user of an external id, in the name of the person at this machine', async () => {
    const externalId = `customer_${randomUUID()}`;
    const userId = await aUser({ external_id: externalId });

    const { status, stdout, stderr } = await executeImpersonate([
      'start',
      externalId,
      '--reason',
      'Case 4711',
      ...LOCAL,
    ]);

    expect(status, stderr).toBe(0);
    expect(stderr).toBe(
      `The link signs you in as ${externalId.slice(0, 40)}…, once, as ${userInfo().username}. Do not give it to anybody.\n`,
    );
    const { json } = await new Browser().redeem(ticketIn(linkOf(stdout)));
    const [session] = json.client.sessions;
    expect(session.actor).toEqual({ sub: userInfo().username });
    expect(await storedItem('SESSIONS', { id: session.id })).toMatchObject({
      user_id: userId,
      reason: 'Case 4711',
      verified: expect.stringContaining(userInfo().username),
    });
  });

  test('finds the user of an e-mail address, and says when there is none or there are several', async () => {
    const email = `${randomUUID()}@example.com`;
    const nobody = await executeImpersonate(['start', email, ...LOCAL]);
    const userId = await aUser({ email_address: [email] });
    const one = await executeImpersonate(['start', email, '--json', '--for', '15m', ...LOCAL]);
    await aUser({ email_address: [email] });
    const several = await executeImpersonate(['start', email, ...LOCAL]);

    expect(nobody).toMatchObject({ status: 1, stderr: expect.stringContaining('has no user with the e-mail address') });
    const [{ id }] = printed(one.stdout);
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({
      user_id: userId,
      session_max_duration_in_seconds: 900,
    });
    expect(several).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Several users have the e-mail address'),
    });
  });

  test('takes an external id that has the form of an e-mail address for an external id first', async () => {
    const externalId = `${randomUUID()}@example.com`;
    await aUser({ email_address: [externalId] });
    const userId = await aUser({ external_id: externalId });

    const { stdout } = await executeImpersonate(['start', externalId, '--json', ...LOCAL]);

    const [{ id }] = printed(stdout);
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ user_id: userId });
  });

  test('needs no AWS credentials with the URL of the API and a token of the operator', async () => {
    const { baseUrl } = inject('stack');
    const sub = anAgent();
    const response = await fetch(`${baseUrl}/__local/operator_token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sub }),
    });
    const { token } = Object(await response.json());

    const { status, stdout, stderr } = await executeImpersonate(['start', await aUser(), '--api', baseUrl, '--json'], {
      OPERATOR_TOKEN: token,
    });

    expect(status, stderr).toBe(0);
    expect(printed(stdout)).toMatchObject([{ actor: { sub } }]);
  });

  test('says what the API says', async () => {
    const { baseUrl } = inject('stack');
    const userId = await aUser();
    const args = ['start', userId, '--api', baseUrl];

    const wrong = await executeImpersonate(args, { OPERATOR_TOKEN: 'a.b.c' });
    const ofCommand = await executeImpersonate([...args, '--token-command', 'echo a.b.c']);
    const failing = await executeImpersonate([...args, '--token-command', 'echo no session >&2; exit 3']);
    const silent = await executeImpersonate([...args, '--token-command', 'true']);
    const elsewhere = await executeImpersonate(['start', userId, '--api', 'http://127.0.0.1:9'], {
      OPERATOR_TOKEN: 'a.b.c',
    });

    const refused = {
      status: 1,
      stderr: "The operator's token is no JWT, or is of another type than JWT and at+jwt.\n",
    };
    expect([wrong, ofCommand]).toMatchObject([refused, refused]);
    expect(failing).toMatchObject({ status: 1, stderr: 'The command of --token-command failed: no session\n' });
    expect(silent).toMatchObject({ status: 1, stderr: expect.stringContaining('printed no token') });
    expect(elsewhere).toMatchObject({ status: 1, stderr: expect.stringContaining('does not answer') });
  });

  test('gets a token of AWS for the API', async () => {
    const { baseUrl } = inject('stack');
    const asked: URLSearchParams[] = [];
    const server = createServer((request, response) => {
      request.setEncoding('utf8');
      let body = '';
      request.on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        asked.push(new URLSearchParams(body));
        const result = '<WebIdentityToken>a.b.c</WebIdentityToken><Expiration>2030-01-01T00:00:00Z</Expiration>';
        response.writeHead(200, { 'content-type': 'text/xml' });
        response.end(
          `<GetWebIdentityTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetWebIdentityTokenResult>${result}</GetWebIdentityTokenResult></GetWebIdentityTokenResponse>`,
        );
      });
    });
    const { endpoint, stop } = await listenLocally(server, 0);
    onTestFinished(stop);

    const { status, stderr } = await executeImpersonate(['start', await aUser(), '--api', baseUrl, '--aws'], {
      AWS_ENDPOINT_URL_STS: endpoint,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });

    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
      Action: 'GetWebIdentityToken',
      'Audience.member.1': baseUrl,
      SigningAlgorithm: 'RS256',
      DurationSeconds: '300',
    });
    // The token was sent, and it is not one of the configured identity provider.
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "The operator's token is no JWT, or is of another type than JWT and at+jwt.\n",
    });
  });
});

test('ending all ends every session and revokes every pending actor token', async () => {
  const own = anInstanceOfItsOwn(79, 'users');
  const [one, other] = [await own.signIn('mia'), await own.signIn('sam')];
  const { actorToken } = await own.createToken('mia');
  const reply = stackReply({ ...outputsOfRunningStack(), Generation: '79' });
  const { env } = await deployedStack(reply, inject('stack').dynamodbEndpoint);

  const { status, stderr } = await executeImpersonate(['end', '--all'], env);

  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: `Ended 2 sessions, revoked 1 pending actor token. ${ACCEPTED_FOR}`,
  });
  expect([(await one.token()).status, (await other.token()).status]).toEqual([401, 401]);
  expect(await storedItem('ACTOR_TOKENS', { id: actorToken.id })).toMatchObject({ status: 'revoked' });
});

describe('blocking', () => {
  test('an actor past the API ends their sessions, and only the command lifts it', async () => {
    const sub = anAgent();
    const given = await aSignedInBrowser({ actor: { sub } });
    const { env } = await floodedStack();

    const blocked = await executeImpersonate(['block', sub, '--reason', 'left the company', '--json'], env);

    expect(blocked.status, blocked.stderr).toBe(0);
    const [{ id, ...facts }] = printed(blocked.stdout);
    expect(facts).toMatchObject({ identifier: sub, reason: 'left the company', blocked_by: 'command' });
    expect(await tokenStatus(given)).toBe(401);
    expect((await callBackend('DELETE', `/v1/blocklist_identifiers/${id}`)).status).toBe(403);
    expect(await executeImpersonate(['unblock', sub, '--json'], env)).toMatchObject({
      status: 0,
      stdout: `${JSON.stringify({ id, identifier: sub })}\n`,
      stderr: expect.stringContaining('is no longer blocked. What was created before stays dead'),
    });
    expect(await executeImpersonate(['unblock', sub], env)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is not blocked in'),
    });
    expect(await tokenStatus(given)).toBe(401);
    expect(await tokenStatus(await aSignedInBrowser({ actor: { sub } }))).toBe(200);
  });

  test('stays, and the command says so, when a session cannot be marked as ended', async () => {
    const sub = anAgent();
    const given = await aSignedInBrowser({ actor: { sub } });
    const { proxy, env } = await floodedStack();
    proxy.hurt({ operation: 'UpdateItem', about: given.sessionId.slice('sess_'.length) }, throttling);

    const { status, stderr } = await executeImpersonate(['block', sub], env);

    expect(status).toBe(1);
    expect(stderr).toContain('Some sessions are not marked as ended: DynamoDB is throttling requests');
    expect(await tokenStatus(given)).toBe(401);
  });

  test('has the bounds of the API, and lifting takes no reason', async () => {
    const long = await executeImpersonate(['block', anAgent(), '--reason', 'x'.repeat(501), ...LOCAL]);
    const lifted = await executeImpersonate(['unblock', anAgent(), '--reason', 'back again', ...LOCAL]);

    expect(long).toMatchObject({ status: 1, stderr: expect.stringContaining('reason') });
    expect(lifted).toMatchObject({ status: 2, stderr: expect.stringContaining('--reason') });
  });

  test('everybody has to be confirmed with the stage', async () => {
    const { status, stderr } = await executeImpersonate(['block', '*', ...LOCAL]);

    expect(status).toBe(2);
    expect(stderr).toContain('add --confirm local.');
  });
});
