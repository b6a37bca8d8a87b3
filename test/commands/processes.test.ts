// Each verb of each command as an administrator runs it: as a process of its own, with its exit code and its two outputs.
import { open, readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { aSignedInBrowser, aUser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { send } from '../support/http-browser.ts';
import { aDirectory } from './a-directory.ts';
import { LOCAL, run } from './run.ts';
import { startStackWithKeys } from './stack-with-keys.ts';

test('secret-key creates, lists and revokes a secret key, which is alone on stdout and shown once', async () => {
  const created = await run('secret-key', ['create', '--name', 'backend', ...LOCAL]);
  const [id = ''] = created.stderr.split(' ');

  expect(created).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^sk_test_[\w-]{43}\n$/),
    stderr: expect.stringMatching(
      /^key_\w{27} \(backend\) of the local run in .* is accepted from now on\. Store the secret key: it is not shown again\.\n$/,
    ),
  });
  const headers = { authorization: `Bearer ${created.stdout.trim()}` };
  expect(await send('GET', '/v1/users/count', { headers })).toMatchObject({ status: 200 });
  const listed = await run('secret-key', ['list', ...LOCAL]);
  expect(listed).toMatchObject({ status: 0, stdout: expect.stringContaining(`${id}  backend`) });
  expect(await run('secret-key', ['revoke', id, ...LOCAL])).toMatchObject({
    status: 0,
    stderr: `${id} is refused from now on.\n`,
  });
  expect(await send('GET', '/v1/users/count', { headers })).toMatchObject({ status: 401 });
});

test('a secret key that cannot be written to stdout makes the command fail', async () => {
  const full = await open('/dev/full', 'w');
  onTestFinished(() => full.close());

  const { status, stderr } = await run('secret-key', ['create', '--name', 'not shown', ...LOCAL], { stdout: full.fd });

  expect(status).toBe(1);
  expect(stderr).toContain(
    'The result could not be written (ENOSPC): the command took effect, but its result is lost.\n',
  );
});

test('users lists, bans and unbans', async () => {
  const id = await aUser();

  const list = await run('users', ['list', '--limit', '1', ...LOCAL]);
  const ban = await run('users', ['ban', id, ...LOCAL]);
  const unban = await run('users', ['unban', id, ...LOCAL]);

  expect(list).toMatchObject({ status: 0, stdout: expect.stringMatching(/^user_\w{27} .*\n$/), stderr: '' });
  expect(ban).toMatchObject({ status: 0, stdout: expect.stringMatching(/ banned\n$/) });
  expect(unban).toMatchObject({ status: 0, stdout: expect.stringMatching(/ Target +-\n$/) });
});

test('users erases a deleted user from the record', async () => {
  const { userId } = await aSignedInBrowser();
  await callBackend('DELETE', `/v1/users/${userId}`);

  expect(await run('users', ['erase', userId, ...LOCAL])).toEqual({
    status: 0,
    stdout: 'erased 1 actor token, 1 session\n',
    stderr: 'Logs and backups keep what they have until they expire: docs/privacy.md.\n',
  });
});

test('impersonate lists and ends', async () => {
  const { sessionId, userId } = await aSignedInBrowser();

  const list = await run('impersonate', ['list', '--user', userId, ...LOCAL]);
  const end = await run('impersonate', ['end', sessionId, ...LOCAL]);

  const row = expect.stringMatching(
    new RegExp(`^${sessionId}  ${userId}  support_\\S+  \\S+Z  until \\S+Z  not by an operator\n$`),
  );
  // Other tests make items unreadable, and the command reports them.
  expect(list).toMatchObject({ status: 0, stdout: row });
  expect(end).toMatchObject({ status: 0, stdout: row });
});

test('signing-keys shows the status and the public key, and takes every step of a rotation', async () => {
  const { deployed, env, stop } = await startStackWithKeys();
  onTestFinished(stop);
  const file = `${await aDirectory({ 'actor-tokens.json': '{}' })}/actor-tokens.json`;
  const take = (...args: readonly string[]) => run('signing-keys', [...args, '--config', file], { env });
  /** Makes the stack look as if this list was deployed an hour ago. */
  const deploy = (session: readonly number[]) => Object.assign(deployed, { session, served: session });

  expect(await take('status')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^session {2}1 {2}signs /) });
  expect(await take('pem')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^-----BEGIN PUBLIC KEY-----\n/),
  });
  expect(await take('publish', 'session')).toMatchObject({ status: 0 });
  expect(await take('sign', 'session')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^The configuration/),
  });
  deploy([1, 2]);
  expect(await take('sign', 'session')).toMatchObject({ status: 0 });
  deploy([2, 1]);
  expect(await take('retire', 'session')).toMatchObject({ status: 0 });
  expect(await take('replace', 'session')).toMatchObject({ status: 2 });
  expect(await take('replace', 'session', '--emergency')).toMatchObject({ status: 0 });
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ sessionKeys: [3] });
});

test('a usage error ends a process with 2, and its message is on stderr', async () => {
  expect(await run('users', ['list', 'x'])).toEqual({
    status: 2,
    stdout: '',
    stderr: 'Unexpected argument: x. Quote names that contain spaces.\nRun `npm run users -- --help` for usage.\n',
  });
});
