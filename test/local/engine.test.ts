import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetItemCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import { listenLocally } from '../../local/aws/server.ts';
import { isAlive } from '../../local/aws/system-process.ts';
import { requireEngine } from '../../local/stores.ts';
import { clientsOf, dynamodbOf, started, tinyRun } from './tiny-run.ts';
import { temporaryDirectory } from './tiny-stack.ts';

async function enginePid(dir: string): Promise<number> {
  return Number(await readFile(join(dir, 'engine.pid'), 'utf8'));
}

async function gone(pid: number): Promise<boolean> {
  for (let waited = 0; waited < 3000 && isAlive(pid); waited += 20) await sleep(20);
  return !isAlive(pid);
}

test('the engine ends with the run', async () => {
  const dir = await temporaryDirectory();
  const local = await started({ dir });
  const pid = await enginePid(dir);

  await local.stop();

  expect(isAlive(pid)).toBe(false);
});

test('the next start ends an engine that a killed run left behind', async () => {
  const dir = await temporaryDirectory();
  const args = ['serve', '--host', '127.0.0.1', '--port', '0', '--db-path', join(dir, 'dynamodb.sqlite')];
  const leftOver = spawn(requireEngine('linux-x64'), args, { stdio: 'ignore' });
  await writeFile(join(dir, 'engine.pid'), `${leftOver.pid}\n`);

  await started({ dir });

  expect(await gone(leftOver.pid ?? 0)).toBe(true);
});

test('the next start does not end another process that has the id of the engine', async () => {
  const dir = await temporaryDirectory();
  const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
  onTestFinished(() => void other.kill());
  await writeFile(join(dir, 'engine.pid'), `${other.pid}\n`);

  await started({ dir });

  expect(isAlive(other.pid ?? 0)).toBe(true);
});

test('an engine that ends on its own is reported', async () => {
  const dir = await temporaryDirectory();
  const crash = Promise.withResolvers<string>();
  await started({ dir, onCrash: crash.resolve });

  process.kill(await enginePid(dir), 'SIGKILL');

  expect(await crash.promise).toContain('engine');
});

test('another engine can be used, and a fresh start deletes its tables', async () => {
  const other = await started();
  const dir = await temporaryDirectory();
  const options = { dir, dynamodbEndpoint: other.dynamodbEndpoint };
  const local = await started({ ...options, fresh: true });

  const { TableNames } = await dynamodbOf(other).send(new ListTablesCommand({}));
  const ofOther = {
    TableName: other.functionEnvironment.USERS_TABLE,
    Key: { id: { S: other.instance.userIds[0] ?? '' } },
  };

  expect(TableNames).toHaveLength(6);
  expect((await dynamodbOf(local).send(new GetItemCommand(ofOther))).Item).toBeUndefined();
});

test('an engine that does not answer is named in the error', async () => {
  await expect(tinyRun({ dynamodbEndpoint: 'http://127.0.0.1:9' })).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringContaining('http://127.0.0.1:9'),
  });
});

test('without an embedded engine for the platform, the error says how to start one', () => {
  expect(() => requireEngine('plan9-x64')).toThrow(
    /plan9-x64.*npx -y dynoxide@1\.2\.1 serve --port 8000.*docker run -p 8000:8000 amazon\/dynamodb-local.*DYNAMODB_ENDPOINT/,
  );
});

test('functions reach the engine through its proxy, and the seed reaches it directly', async () => {
  const received: unknown[] = [];
  const proxy = await listenLocally(
    createServer(({ headers }, response) => {
      received.push(headers['x-amz-target']);
      response.end('{"Item": {"id": {"S": "from the proxy"}}}');
    }),
    0,
  );
  onTestFinished(proxy.stop);
  const local = await started({ proxyDynamodb: async () => proxy.endpoint });

  const { dynamodb } = clientsOf(local, 'Echo');
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'UsersTable', Key: { id: { S: 'x' } } }));

  expect(Item).toEqual({ id: { S: 'from the proxy' } });
  expect(received).toEqual(['DynamoDB_20120810.GetItem']);
});
