import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { dynamodbOf, started, tinyRun } from './tiny-run.ts';
import { temporaryDirectory, tinyAssembly } from './tiny-stack.ts';

test('a directory keeps key, users and tables over a restart; a fresh start has new ones', async () => {
  const dir = await temporaryDirectory();
  const first = await started({ dir });
  const before = first.instance;
  await first.stop();
  const second = await started({ dir });
  const { secretKey, userIds } = second.instance;
  const users = await dynamodbOf(second).send(new ScanCommand({ TableName: second.tables.users }));
  await second.stop();

  expect({ secretKey, userIds }).toEqual({ secretKey: before.secretKey, userIds: before.userIds });
  expect(users.Items?.flatMap(({ kind, id }) => (kind ? [id?.S] : [])).sort()).toEqual([...userIds].sort());
  expect((await started({ dir, fresh: true })).instance.secretKey).not.toBe(secretKey);
});

test('a directory tells of the instance, to its owner only, exactly while it runs', async () => {
  const dir = await temporaryDirectory();
  const file = join(dir, 'instance.json');
  const local = await started({ dir });

  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ ...local.instance });
  for (const path of [file, join(dir, 'secret-key'), local.logFile])
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  await local.stop();
  await expect(stat(file)).rejects.toThrow('ENOENT');
});

test('a directory tells where the ticket key is only when asked to', async () => {
  expect((await started()).instance).not.toHaveProperty('ticketKeyPem');

  const { ticketKeyPem = '' } = (await started({ testKeys: true })).instance;

  expect(await readFile(ticketKeyPem, 'utf8')).toContain('BEGIN PRIVATE KEY');
});

test('a directory serves one run at a time', async () => {
  const dir = await temporaryDirectory();
  await started({ dir });

  await expect(tinyRun({ dir })).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringContaining('LOCAL_DIR='),
  });
});

test('a directory of a killed run can be used again', async () => {
  const dir = await temporaryDirectory();
  await writeFile(join(dir, 'runner.pid'), '999999999 1\n');

  expect((await started({ dir })).instance.userIds).toHaveLength(3);
});

test('a directory loses nothing but what the local run itself stored when it is emptied', async () => {
  const dir = await temporaryDirectory();
  await writeFile(join(dir, 'mine.txt'), 'kept');
  await mkdir(join(dir, 'folder'));

  await started({ dir, fresh: true });

  expect(await readFile(join(dir, 'mine.txt'), 'utf8')).toBe('kept');
  expect((await stat(join(dir, 'folder'))).isDirectory()).toBe(true);
});

test('a directory with tables of another shape asks for a fresh start', async () => {
  const dir = await temporaryDirectory();
  await (await started({ dir })).stop();
  const changed = await tinyAssembly(['external_id']);

  await expect(tinyRun({ dir, outdir: changed })).rejects.toThrow('Add "-- --fresh" to the command');
  expect((await started({ dir, outdir: changed, fresh: true })).tables.users).toBe('UsersTable');
});
