import { randomUUID } from 'node:crypto';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { users } from '../../cdk/commands/users.ts';
import { startFaultProxy, throttling } from '../support/fault-proxy.ts';
import { aSignedInBrowser, aUser } from '../support/given.ts';
import { storedItem } from '../support/stored.ts';
import { deployedStack } from './deployed-stack.ts';
import { execute } from './execute.ts';
import { LOCAL } from './run.ts';

const { dynamodbEndpoint, environment } = inject('stack');

describe('a ban', () => {
  test.each([
    ['user id', ({ userId }: { userId: string }) => userId],
    ['external id', ({ externalId }: { externalId: string }) => externalId],
  ])('a ban by %s ends a live session at once and keeps its user out', async (_, idOf) => {
    const externalId = `n${randomUUID()}`;
    const userId = await aUser({ external_id: externalId });
    const { browser, sessionId } = await aSignedInBrowser({ user_id: userId });
    const requestToken = () => browser.post(`/v1/client/sessions/${sessionId}/tokens`);
    expect((await requestToken()).status).toBe(200);

    const ended = await execute(users, ['ban', idOf({ userId, externalId }), '--json', ...LOCAL]);

    expect(ended).toMatchObject({
      status: 0,
      stderr: `${userId} is banned: their sessions have ended, and no ticket signs anyone in as them.\n`,
    });
    expect(JSON.parse(ended.stdout)).toMatchObject({ id: userId, external_id: externalId, banned: true });
    expect((await requestToken()).status).toBe(401);
    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({
      end_status: 'revoked',
      end_cause: 'user_banned',
      ended_with: 'npm run users',
    });
    await expect(aSignedInBrowser({ user_id: userId })).rejects.toThrow('user_banned');
  });

  test('unban lets tickets sign in again, and sessions that the ban ended stay ended', async () => {
    const { browser, sessionId, userId } = await aSignedInBrowser();
    await execute(users, ['ban', userId, ...LOCAL]);

    const { status, stdout, stderr } = await execute(users, ['unban', userId, ...LOCAL]);

    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `${userId} is not banned. Sessions that a ban ended stay ended.\n`,
    });
    expect(stdout).toMatch(new RegExp(`^${userId} +- +Target +-\n$`));
    expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(401);
    await expect(aSignedInBrowser({ user_id: userId })).resolves.toMatchObject({ userId });
  });

  test('a ban that cannot mark every session as ended reports it, ends with 1 and logs nothing', async () => {
    const proxy = await startFaultProxy(dynamodbEndpoint);
    onTestFinished(proxy.stop);
    proxy.hurt({ operation: 'UpdateItem', table: environment.SESSIONS_TABLE }, throttling);
    const { env } = await deployedStack(undefined, proxy.endpoint);
    const { browser, sessionId, userId } = await aSignedInBrowser();

    const { status, stdout, stderr } = await execute(users, ['ban', userId, '--json'], env);

    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ id: userId, banned: true });
    expect(stderr).toBe(
      `${userId} is banned: no ticket signs anyone in as them, and no session of theirs gets another session token. Some of ` +
        'their sessions are not marked as ended: DynamoDB is throttling requests: wait a little and try again. Then run the ' +
        'same command again.\n',
    );
    expect(await storedItem('SESSIONS', { id: sessionId })).not.toHaveProperty('end_status');
    expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(401);
    expect(await execute(users, ['ban', userId, ...LOCAL])).toMatchObject({ status: 0 });
  });

  test('a ban of an unknown user fails with the way to see the users', async () => {
    const { status, stdout, stderr } = await execute(users, ['ban', 'nobody', ...LOCAL]);

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^The local run in .* has no user nobody: "list" shows the ids of its users\.\n$/);
  });
});

test('a list shows the newest users first, as many as --limit allows', async () => {
  const name = `n${randomUUID()}`;
  const id = await aUser({
    external_id: name,
    first_name: 'Ada',
    last_name: 'Lovelace',
    email_address: ['ada@example.com'],
  });

  const json = await execute(users, ['list', '--limit', '500', '--json', ...LOCAL]);
  const text = await execute(users, ['list', '--limit', '500', ...LOCAL]);
  const two = await execute(users, ['list', '--limit', '2', ...LOCAL]);

  const lines = json.stdout.trimEnd().split('\n');
  const listed = lines.map((line) => JSON.parse(line));
  expect(listed).toContainEqual({
    id,
    external_id: name,
    name: 'Ada Lovelace',
    email_address: 'ada@example.com',
    banned: false,
  });
  const stored = await Promise.all(listed.map((user) => storedItem('USERS', { id: user.id })));
  // Other tests may have deleted some of them since.
  const createdAt = stored.filter((user) => user !== undefined).map((user): number => user.created_at);
  expect(createdAt).toEqual(createdAt.toSorted((one, other) => other - one));
  expect(text.stdout).toMatch(new RegExp(`^${id}  ${name} +Ada Lovelace +ada@example.com$`, 'm'));
  expect(two.stdout.trimEnd().split('\n')).toHaveLength(2);
});
