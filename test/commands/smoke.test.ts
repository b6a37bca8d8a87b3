import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { listenLocally } from '../../local/aws/server.ts';
import { passOn } from '../support/reverse-proxy.ts';
import { storedItems } from '../support/stored.ts';
import { LOCAL, run, start } from './run.ts';

/** Two files of the tests, of which one makes users. */
const FILES = ['secret-key', 'actor-tokens'];

/** Longer than a copy of a Ctrl-C may take. */
const ANOTHER_CTRL_C_IN_MS = 1200;

async function keyOf(stderr: string) {
  const [, keyId] = /with the secret key (key_\w+)/.exec(stderr) ?? [];
  return (await storedItems('SECRET_KEYS')).find(({ id }) => id === keyId);
}

const aRevokedKey = { name: 'smoke', revoked_at: expect.any(Number) };

interface Watched {
  /** The arguments that lead to the running stack. */
  readonly args: readonly string[];
  /** When so many users have been made. */
  readonly madeUsers: (count: number) => Promise<void>;
  /** When the first user is being deleted. */
  readonly deleting: Promise<void>;
  /** The most deletions that were under way at once. */
  readonly mostAtOnce: () => number;
}

/** The running stack, with its users watched; each deletion takes so long. */
async function watchedStack(deletionInMs: number): Promise<Watched> {
  const { baseUrl, frontendApiUrl, environment, publishableKey, secretKey } = inject('stack');
  const deleting = Promise.withResolvers<void>();
  let made = 0;
  let underWay = 0;
  let most = 0;

  async function heldUp(response: ServerResponse): Promise<void> {
    underWay += 1;
    most = Math.max(most, underWay);
    deleting.resolve();
    response.once('close', () => {
      underWay -= 1;
    });
    await sleep(deletionInMs);
  }

  const server = createServer(async (request, response) => {
    const isCreateUser = request.method === 'POST' && request.url === '/v1/users';
    response.once('finish', () => {
      if (isCreateUser && response.statusCode === 200) made += 1;
    });
    if (request.method === 'DELETE') await heldUp(response);
    passOn(request, response, { apiUrl: baseUrl, path: '', publishableKey, secretKey });
  });
  const { endpoint, stop } = await listenLocally(server, 0);
  onTestFinished(stop);
  const dir = await mkdtemp(join(tmpdir(), 'actor-tokens-command-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const instance = { baseUrl: endpoint, frontendApiUrl, clockOffsetSeconds: 0, environment };
  await writeFile(join(dir, 'instance.json'), JSON.stringify(instance));
  return {
    args: ['--local', '--dir', dir],
    madeUsers: (count) => expect.poll(() => made, { timeout: 60_000 }).toBeGreaterThanOrEqual(count),
    deleting: deleting.promise,
    mostAtOnce: () => most,
  };
}

test('the smoke test runs the tests of the official client, then takes back its secret key and its users', async () => {
  const { status, stdout, stderr } = await run('smoke', [...FILES, ...LOCAL], { env: { NO_COLOR: '1' } });

  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/Test Files\s+2 passed/);
  const [, count] = /Deleting (\d+) users/.exec(stderr) ?? [];
  expect(Number(count)).toBeGreaterThan(10);
  expect(stderr).not.toContain('Could not delete');
  expect(await keyOf(stderr)).toMatchObject(aRevokedKey);
}, 120_000);

test('the smoke test fails when a test fails', async () => {
  const { status } = await run('smoke', ['no-such-test', ...LOCAL]);

  expect(status).toBe(1);
}, 60_000);

describe('an interrupted smoke test', () => {
  test.each([
    ['Ctrl-C, which npm passes on', ['SIGINT', 'SIGINT', 'SIGTERM']],
    ['SIGTERM', ['SIGTERM']],
  ] as const)(
    'by %s deletes its users one after the other and revokes its secret key',
    async (_by, signals) => {
      const { args, madeUsers, mostAtOnce } = await watchedStack(20);
      const testing = start('smoke', ['actor-tokens', ...args]);
      await madeUsers(4);
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

  test('by another Ctrl-C while it deletes its users names those it leaves, and revokes its secret key', async () => {
    const { args, madeUsers, deleting } = await watchedStack(2 * ANOTHER_CTRL_C_IN_MS);
    const testing = start('smoke', ['actor-tokens', ...args]);
    await madeUsers(4);
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
