import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { limits } from '../../shared/base/limits.ts';
import { type Fault, hang, startFaultProxy, throttling } from '../support/fault-proxy.ts';
import { aSignedInBrowser, aUser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { itemsWith } from '../support/scan.ts';
import { storedItem } from '../support/stored.ts';
import { deployedStack } from './deployed-stack.ts';
import { LOCAL, run, start } from './run.ts';

const { dynamodbEndpoint, environment } = inject('stack');

async function fileOf(text: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'actor-tokens-command-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const path = join(dir, 'users.ndjson');
  await writeFile(path, text);
  return path;
}

interface Line {
  readonly external_id: string;
  readonly first_name: string;
}

/** Users of this test alone. */
function usersNamed(firstName: string, count: number): readonly Line[] {
  return Array.from({ length: count }, (_, position) => ({
    external_id: `${firstName}_${position}`,
    first_name: firstName,
  }));
}

function ndjson(users: readonly object[]): string {
  return users.map((user) => `${JSON.stringify(user)}\n`).join('');
}

function aName(): string {
  return `n${randomUUID()}`;
}

async function externalIdsOf(firstName: string): Promise<readonly string[]> {
  const stored = await itemsWith('USERS', { first_name: firstName });
  return stored.map(({ external_id }) => external_id).sort();
}

/** The engine as it is until so many writes went through; then the fault. */
async function failingAfter(writes: number, fault: Fault) {
  const proxy = await startFaultProxy(dynamodbEndpoint);
  onTestFinished(proxy.stop);
  const reached = Promise.withResolvers<void>();
  let count = 0;
  proxy.hurt({ operation: 'TransactWriteItems' }, async (exchange) => {
    count += 1;
    if (count <= writes) return exchange.answer(await exchange.forward());
    reached.resolve();
    return fault(exchange);
  });
  const { env } = await deployedStack(undefined, proxy.endpoint);
  return { env, reached: reached.promise };
}

describe('an import', () => {
  test('stores each user as the API would, once however often it is run', async () => {
    const name = aName();
    const metadata = { public_metadata: { plan: 'pro' }, private_metadata: { note: 'x' } };
    const user = {
      external_id: name,
      first_name: name,
      email_address: [`${name}@example.com`],
      totp_secret: 's',
      ...metadata,
    };
    const path = await fileOf(ndjson([user]));

    const first = await run('users', ['import', path, ...LOCAL]);
    const second = await run('users', ['import', path, '--json', ...LOCAL]);

    expect(first).toMatchObject({ status: 0, stdout: 'imported 1, already there 0, bad 0\n' });
    expect(second).toMatchObject({ status: 0, stdout: '{"imported":0,"already_there":1,"bad":0}\n' });
    const { json } = await callBackend('GET', `/v1/users?external_id=${name}`);
    expect(json).toMatchObject([{ external_id: name, first_name: name, totp_enabled: true, ...metadata }]);
    expect(json).toHaveLength(1);
  });

  test('that is killed half way goes on where it stopped when it is run again', async () => {
    const users = usersNamed(aName(), 300);
    const [{ first_name } = { first_name: '' }] = users;
    const path = await fileOf(ndjson(users));
    const { env, reached } = await failingAfter(150, hang);
    const killed = start('users', ['import', path], { env });
    await reached;
    killed.kill('SIGKILL');
    await killed.ended;
    expect(await externalIdsOf(first_name)).toHaveLength(150);

    const { status, stdout } = await run('users', ['import', path, ...LOCAL]);

    expect({ status, stdout }).toEqual({ status: 0, stdout: 'imported 150, already there 150, bad 0\n' });
    expect(await externalIdsOf(first_name)).toEqual(users.map(({ external_id }) => external_id).sort());
  });

  test('names every bad line with its number, the member and the reason, and stores the others', async () => {
    const name = aName();
    const good = usersNamed(name, 3).map((user) => JSON.stringify(user));
    const secret = 'correct-horse';
    const lines = [
      good[0],
      '{"first_name":"Ada"}',
      '',
      `{"external_id":"${name}_x","password":"${secret}"}`,
      '{"external_id":7,"email_address":"a@example.com"}',
      `{"external_id": "${secret}`,
      '["list"]',
      `{"external_id":"${name}_y","public_metadata":{"text":"${'x'.repeat(limits.bodyBytes)}"}}`,
      good[1],
      `{"external_id":"${name}_z","public_metadata":${'{"a":'.repeat(40)}1${'}'.repeat(41)}`,
      Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1'),
    ];
    const path = await fileOf('');
    await writeFile(path, Buffer.from(`${lines.join('\r\n')}\r\n\r\n${good[2]}`, 'latin1'));

    const { status, stdout, stderr } = await run('users', ['import', path, ...LOCAL]);

    expect({ status, stdout }).toEqual({ status: 1, stdout: 'imported 3, already there 0, bad 8\n' });
    expect(stderr.trimEnd().split('\n').slice(1)).toEqual([
      'line 2: external_id must be included.',
      'line 4: password is not a valid parameter for this request.',
      'line 5: external_id must be a string. email_address must be an array of strings.',
      'line 6: the line is not valid JSON.',
      'line 7: the line must be a JSON object.',
      'line 8: the line is larger than 65536 bytes.',
      'line 10: the line is nested too deeply.',
      'line 11: the line is not valid UTF-8.',
    ]);
    expect(await externalIdsOf(name)).toEqual([`${name}_0`, `${name}_1`, `${name}_2`]);
  });

  test('reads standard input', async () => {
    const users = usersNamed(aName(), 2);

    const { stdout } = await run('users', ['import', '-', ...LOCAL], { input: ndjson(users) });

    expect(stdout).toBe('imported 2, already there 0, bad 0\n');
  });

  test('gives an external id to one user only: who has it keeps it', async () => {
    const name = aName();
    const userId = await aUser({ external_id: `${name}_0` });
    const [user] = usersNamed(name, 1);
    const twice = { external_id: `${name}_1`, first_name: name };

    const { stdout } = await run('users', ['import', '-', ...LOCAL], { input: ndjson([user ?? {}, twice, twice]) });

    expect(stdout).toBe('imported 1, already there 2, bad 0\n');
    expect((await callBackend('GET', `/v1/users/${userId}`)).json).toMatchObject({ first_name: 'Target' });
    expect(outcome(await callBackend('POST', '/v1/users', { external_id: `${name}_1` }))).toEqual(
      refusal(422, ['form_identifier_exists', 'external_id']),
    );
  });

  test('that DynamoDB no longer takes stops with the line it reached, and says that it can go on', async () => {
    const users = usersNamed(aName(), 60);
    const { env } = await failingAfter(20, throttling);

    const { status, stdout, stderr } = await run('users', ['import', '-'], { env, input: ndjson(users) });

    expect(status).toBe(1);
    expect(stdout).toBe('imported 20, already there 0, bad 0\n');
    const said =
      /line (\d+): stopped here\. DynamoDB takes no more requests at the moment: .* Run the same command again: it goes on where this one stopped\.\n$/.exec(
        stderr,
      );
    expect(Number(said?.[1])).toBeGreaterThan(4);
    expect(Number(said?.[1])).toBeLessThanOrEqual(21);
    expect(await externalIdsOf(users[0]?.first_name ?? '')).toHaveLength(20);
  });

  test('that is interrupted finishes what is under way and says how far it came', async () => {
    const users = usersNamed(aName(), 2000);
    const held = Promise.withResolvers<void>();
    const { env, reached } = await failingAfter(40, async ({ forward, answer }) => {
      await held.promise;
      answer(await forward());
    });
    const importing = start('users', ['import', await fileOf(ndjson(users))], { env });
    await reached;
    // npm passes on the Ctrl-C that the terminal has given to both.
    importing.kill('SIGINT');
    await sleep(100);
    importing.kill('SIGINT');
    setTimeout(held.resolve, 200);

    const { status, stdout, stderr } = await importing.ended;

    const imported = Number(/^imported (\d+), already there 0, bad 0\n$/.exec(stdout)?.[1]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/line \d+: stopped here\. Interrupted\. Run the same command again/);
    expect(imported).toBeGreaterThan(40);
    expect(imported).toBeLessThan(100);
    expect(await externalIdsOf(users[0]?.first_name ?? '')).toHaveLength(imported);
  });

  test('that is a dry run checks the file, needs no instance and stores nothing', async () => {
    const users = usersNamed(aName(), 2);
    const input = `${ndjson(users)}{}\n`;

    const { status, stdout, stderr } = await run('users', ['import', '-', '--dry-run'], { input });

    expect({ status, stdout }).toEqual({ status: 1, stdout: 'good 2, bad 1\n' });
    expect(stderr).toBe('line 3: external_id must be included.\n');
    expect(await externalIdsOf(users[0]?.first_name ?? '')).toEqual([]);
  });

  test.each([
    [
      'that is not there',
      '/nonexistent/users.ndjson',
      '/nonexistent/users.ndjson cannot be read (ENOENT): name a file with one user a line.\n',
    ],
    ['that is a directory', tmpdir(), `${tmpdir()} is a directory: name a file with one user a line.\n`],
  ])('of a file %s is refused in one sentence', async (_, path, stderr) => {
    expect(await run('users', ['import', path, ...LOCAL])).toEqual({ status: 1, stdout: '', stderr });
  });
});

describe('a ban', () => {
  test.each([
    ['user id', ({ userId }: { userId: string }) => userId],
    ['external id', ({ externalId }: { externalId: string }) => externalId],
  ])('by %s ends a live session at once and keeps its user out', async (_, named) => {
    const externalId = aName();
    const userId = await aUser({ external_id: externalId });
    const { browser, sessionId } = await aSignedInBrowser({ user_id: userId });
    const askForToken = () => browser.post(`/v1/client/sessions/${sessionId}/tokens`);
    expect((await askForToken()).status).toBe(200);

    const { status, stdout, stderr } = await run('users', ['ban', named({ userId, externalId }), '--json', ...LOCAL]);

    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `${userId} is banned: their sessions are over, and no ticket signs anyone in as them.\n`,
    });
    expect(JSON.parse(stdout)).toMatchObject({ id: userId, external_id: externalId, banned: true });
    expect((await askForToken()).status).toBe(401);
    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({
      end_status: 'revoked',
      end_cause: 'user_banned',
      ended_with: 'npm run users',
    });
    await expect(aSignedInBrowser({ user_id: userId })).rejects.toThrow('user_banned');
  });

  test('is lifted by unban; sessions from before stay over', async () => {
    const { browser, sessionId, userId } = await aSignedInBrowser();
    await run('users', ['ban', userId, ...LOCAL]);

    const { status, stdout } = await run('users', ['unban', userId, ...LOCAL]);

    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${userId} +- +Target +-\n$`));
    expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(401);
    await expect(aSignedInBrowser({ user_id: userId })).resolves.toMatchObject({ userId });
  });

  test('finds a user whose external id looks like an id of ours', async () => {
    const externalId = `user_${randomUUID().replaceAll('-', '').slice(0, 27)}`;
    const id = await aUser({ external_id: externalId });

    const { stdout } = await run('users', ['ban', externalId, '--json', ...LOCAL]);

    expect(JSON.parse(stdout)).toMatchObject({ id, banned: true });
  });

  test('that cannot mark every session as ended says so, fails, and logs nothing', async () => {
    const proxy = await startFaultProxy(dynamodbEndpoint);
    onTestFinished(proxy.stop);
    proxy.hurt({ operation: 'UpdateItem', table: environment.SESSIONS_TABLE }, throttling);
    const { env } = await deployedStack(undefined, proxy.endpoint);
    const { browser, sessionId, userId } = await aSignedInBrowser();

    const { status, stdout, stderr } = await run('users', ['ban', userId, '--json'], { env });

    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ id: userId, banned: true });
    expect(stderr).toBe(
      `${userId} is banned, and no ticket signs anyone in as them. Not all of their sessions are marked as ended, though ` +
        'none gets another token: DynamoDB takes no more requests at the moment: wait a little and try again. Ban them again.\n',
    );
    expect(await storedItem('SESSIONS', { id: sessionId })).not.toHaveProperty('end_status');
    expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(401);
    expect(await run('users', ['ban', userId, ...LOCAL])).toMatchObject({ status: 0 });
  });

  test('of nobody is told with how to see who there is', async () => {
    const { status, stdout, stderr } = await run('users', ['ban', 'nobody', ...LOCAL]);

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^The local run in .* has no user nobody: "list" shows the ids of those there are\.\n$/);
  });
});

test('a list shows the newest first, as many as are asked for', async () => {
  const name = aName();
  const id = await aUser({
    external_id: name,
    first_name: 'Ada',
    last_name: 'Lovelace',
    email_address: ['ada@example.com'],
  });

  const json = await run('users', ['list', '--limit', '500', '--json', ...LOCAL]);
  const text = await run('users', ['list', '--limit', '500', ...LOCAL]);
  const two = await run('users', ['list', '--limit', '2', ...LOCAL]);

  const listed = json.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(listed).toContainEqual({
    id,
    external_id: name,
    name: 'Ada Lovelace',
    email_address: 'ada@example.com',
    banned: false,
  });
  const stored = await Promise.all(listed.map((user) => storedItem('USERS', { id: user.id })));
  // Without those that other tests have deleted since.
  const createdAt = stored.filter((user) => user !== undefined).map((user): number => user.created_at);
  expect(createdAt).toEqual(createdAt.toSorted((one, other) => other - one));
  expect(text.stdout).toMatch(new RegExp(`^${id}  ${name} +Ada Lovelace +ada@example.com$`, 'm'));
  expect(two.stdout.trimEnd().split('\n')).toHaveLength(2);
});
