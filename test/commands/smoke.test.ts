import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { smoke } from '../../cdk/commands/smoke.ts';
import { listenLocally } from '../../local/aws/server.ts';
import { passOn } from '../support/reverse-proxy.ts';
import { itemsWith } from '../support/scan.ts';
import { aDirectory } from './a-directory.ts';
import { deployedStack, outputsOfRunningStack, stackReply } from './deployed-stack.ts';
import { execute } from './execute.ts';
import { LOCAL, run, start } from './run.ts';

/** Two of the test files. The second one creates users. */
const FILES = ['backend/secret-key', 'backend/users'];

/** Longer than a copy of a Ctrl-C may take. */
const ANOTHER_CTRL_C_IN_MS = 1200;

async function keyOf(stderr: string) {
  const [, keyId] = /with the secret key (key_\w+)/.exec(stderr) ?? [];
  const [key] = await itemsWith('SECRET_KEYS', { id: keyId });
  return key;
}

/** It expires by itself too, should nobody be left to revoke it. */
const aRevokedKey = { name: 'smoke', expires_at: expect.any(Number), revoked_at: expect.any(Number) };

interface Watched {
  /** The arguments that choose the running stack. */
  readonly args: readonly string[];
  /** Resolves when this many users have been created. */
  readonly createdUsers: (count: number) => Promise<void>;
  /** Resolves when the deletion of the first user has begun. */
  readonly deleting: Promise<void>;
  /** Returns the highest number of deletions at the same time. */
  readonly mostAtOnce: () => number;
}

/** The running stack behind a proxy that counts created users and delays each deletion. */
async function watchedStack(deletionInMs: number): Promise<Watched> {
  const { baseUrl, environment, publishableKey, secretKey } = inject('stack');
  const deleting = Promise.withResolvers<void>();
  let created = 0;
  let running = 0;
  let most = 0;

  async function delay(response: ServerResponse): Promise<void> {
    running += 1;
    most = Math.max(most, running);
    deleting.resolve();
    response.once('close', () => {
      running -= 1;
    });
    await sleep(deletionInMs);
  }

  const server = createServer(async (request, response) => {
    const isCreateUser = request.method === 'POST' && request.url === '/v1/users';
    response.once('finish', () => {
      if (isCreateUser && response.statusCode === 200) created += 1;
    });
    if (request.method === 'DELETE') await delay(response);
    passOn(request, response, { apiUrl: baseUrl, path: '', publishableKey, secretKey });
  });
  const { endpoint, stop } = await listenLocally(server, 0);
  onTestFinished(stop);
  const instance = { baseUrl: endpoint, clockOffsetSeconds: 0, environment };
  const dir = await aDirectory({ 'instance.json': JSON.stringify(instance) });
  return {
    args: ['--local', '--dir', dir],
    createdUsers: (count) => expect.poll(() => created, { timeout: 60_000 }).toBeGreaterThanOrEqual(count),
    deleting: deleting.promise,
    mostAtOnce: () => most,
  };
}

test('a smoke test runs tests of the official client, then deletes its users and revokes its key', async () => {
  const { status, stdout, stderr } = await run('smoke', [...FILES, ...LOCAL], { env: { NO_COLOR: '1' } });

  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/Test Files\s+2 passed/);
  const [, count] = /Deleting (\d+) users/.exec(stderr) ?? [];
  expect(Number(count)).toBeGreaterThan(5);
  expect(stderr).not.toContain('Could not delete');
  expect(await keyOf(stderr)).toMatchObject(aRevokedKey);
}, 120_000);

test('a smoke test fails when a test fails', async () => {
  const { status } = await run('smoke', ['no-such-test', ...LOCAL]);

  expect(status).toBe(1);
}, 60_000);

test.each([{ Operators: 'required' }, { PolicyVersion: '0123456789ab' }])(
  'a smoke test does not begin where its secret key cannot create actor tokens: %j',
  async (outputs) => {
    const { env } = await deployedStack(stackReply({ ...outputsOfRunningStack(), ...outputs }));

    const { status, stderr } = await execute(smoke, ['--stage', 'dev'], env);

    expect(status).toBe(1);
    expect(stderr).toMatch(/requires operators or has a policy, .* run them against a stage/);
  },
);

describe('an interrupted smoke test', () => {
  test.each([
    ['Ctrl-C, which npm forwards', ['SIGINT', 'SIGINT', 'SIGTERM']],
    ['SIGTERM', ['SIGTERM']],
  ] as const)(
    'a smoke test that %s interrupts deletes its users one after the other and revokes its key',
    async (_by, signals) => {
      const { args, createdUsers, mostAtOnce } = await watchedStack(20);
      const testing = start('smoke', ['actor-tokens', ...args]);
      await createdUsers(4);
      testing.kill(signals[0]);
      await sleep(100);
      for (const signal of signals.slice(1)) testing.kill(signal);

      const { status, stderr } = await testing.ended;

      expect(status, stderr).toBe(1);
      const [, count] = /Deleting (\d+) users/.exec(stderr) ?? [];
      expect(Number(count)).toBeGreaterThanOrEqual(3);
      expect(stderr).not.toContain('Could not delete');
      expect(mostAtOnce()).toBe(1);
      expect(await keyOf(stderr)).toMatchObject(aRevokedKey);
    },
    90_000,
  );

  test('a smoke test names the users that it leaves after another Ctrl-C, and still revokes its key', async () => {
    const { args, createdUsers, deleting } = await watchedStack(2 * ANOTHER_CTRL_C_IN_MS);
    const testing = start('smoke', ['actor-tokens', ...args]);
    await createdUsers(4);
    testing.kill('SIGINT');
    await sleep(ANOTHER_CTRL_C_IN_MS);
    await deleting;
    testing.kill('SIGINT');
    testing.kill('SIGTERM');

    const { status, stderr } = await testing.ended;

    expect(status, stderr).toBe(1);
    expect(stderr).toMatch(/Could not delete user_\w+/);
    expect(await keyOf(stderr)).toMatchObject(aRevokedKey);
  }, 90_000);
});
