import { expect, test } from 'vitest';
import { storedItems } from '../support/stored.ts';
import { LOCAL, run } from './run.ts';

/** Two files of the tests, of which one makes users. */
const FILES = ['secret-key', 'actor-tokens'];

test('the smoke test runs the tests of the official client, then takes back its secret key and its users', async () => {
  const { status, stdout, stderr } = await run('smoke', [...FILES, ...LOCAL], { env: { NO_COLOR: '1' } });

  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/Test Files\s+2 passed/);
  const [, keyId] = /with the secret key (key_\w+)/.exec(stderr) ?? [];
  const [, count] = /Deleting (\d+) users/.exec(stderr) ?? [];
  expect(Number(count)).toBeGreaterThan(10);
  expect(stderr).not.toContain('Could not delete');
  const keys = await storedItems('SECRET_KEYS');
  expect(keys.find(({ id }) => id === keyId)).toMatchObject({ name: 'smoke', revoked_at: expect.any(Number) });
}, 120_000);

test('the smoke test fails when a test fails', async () => {
  const { status } = await run('smoke', ['no-such-test', ...LOCAL]);

  expect(status).toBe(1);
}, 60_000);
