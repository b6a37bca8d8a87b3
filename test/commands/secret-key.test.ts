import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { secretKey } from '../../cdk/commands/secret-key.ts';
import { newId } from '../../shared/base/ids.ts';
import { epochMs } from '../../shared/base/time.ts';
import { loseAnswer, startFaultProxy } from '../support/fault-proxy.ts';
import { send } from '../support/http-browser.ts';
import { itemsWith } from '../support/scan.ts';
import { storeItem } from '../support/stored.ts';
import { deployedStack } from './deployed-stack.ts';
import { execute } from './execute.ts';
import { LOCAL } from './run.ts';

const { dir, dynamodbEndpoint, environment, logFile } = inject('stack');

interface CreatedKey {
  readonly id: string;
  readonly key: string;
}

async function createKey(name: string): Promise<CreatedKey> {
  const { status, stdout, stderr } = await execute(secretKey, ['create', '--name', name, '--json', ...LOCAL]);
  if (status !== 0) throw new Error(`No secret key: ${stderr}`);
  const { id, secret_key } = JSON.parse(stdout);
  return { id, key: secret_key };
}

async function statusWith(key: string): Promise<number> {
  const { status } = await send('GET', '/v1/users/count', { headers: { authorization: `Bearer ${key}` } });
  return status;
}

async function listedLine(id: string): Promise<string | undefined> {
  const { stdout } = await execute(secretKey, ['list', ...LOCAL]);
  return stdout.split('\n').find((line) => line.startsWith(id));
}

test('a revoked secret key is refused by the next request, and the other active ones are not', async () => {
  const [one, other] = [await createKey('one'), await createKey('other')];
  expect([await statusWith(one.key), await statusWith(other.key)]).toEqual([200, 200]);

  const { status, stderr } = await execute(secretKey, ['revoke', one.id, ...LOCAL]);

  expect({ status, stderr }).toEqual({ status: 0, stderr: `${one.id} is refused from now on.\n` });
  expect([await statusWith(one.key), await statusWith(other.key)]).toEqual([401, 200]);
});

test('a secret key that is revoked twice keeps the time of its first revocation', async () => {
  const { id } = await createKey('twice');
  const first = await execute(secretKey, ['revoke', id, ...LOCAL]);

  const second = await execute(secretKey, ['revoke', id, ...LOCAL]);

  expect(second).toEqual({ status: 0, stdout: first.stdout, stderr: `${id} was already revoked.\n` });
  expect(await listedLine(id)).toMatch(/ twice +\S+Z +revoked since \S+Z$/);
});

/** Returns the files in the directory of the stack that contain a text. */
async function filesWith(text: string): Promise<readonly string[]> {
  const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  expect(paths).toContain(logFile);
  const contains = await Promise.all(paths.map(async (path) => (await readFile(path)).includes(text)));
  return paths.filter((_, position) => contains[position]);
}

test('only the hash of a secret key is stored, and the key is in nothing that the stack writes', async () => {
  const { id, key } = await createKey('nowhere');
  await statusWith(key);
  await execute(secretKey, ['list', ...LOCAL]);
  await execute(secretKey, ['revoke', id, ...LOCAL]);
  await statusWith(key);

  const hash = createHash('sha256').update(key).digest('hex');
  expect(await itemsWith('SECRET_KEYS', { id })).toEqual([
    {
      hash,
      id,
      name: 'nowhere',
      created_at: expect.any(Number),
      generation: Number(environment.GENERATION),
      revoked_at: expect.any(Number),
    },
  ]);
  // The search finds what is stored.
  expect(await filesWith(hash)).not.toEqual([]);
  expect(await filesWith(key.slice('sk_live_'.length))).toEqual([]);
});

test('a list shows names and statuses, newest first, and neither a secret key nor a hash', async () => {
  const id = newId('key', epochMs(Date.now()));
  await storeItem('SECRET_KEYS', { hash: 'f'.repeat(64), id, name: 'restored', created_at: 1, generation: 99 });
  const [one, two] = [await createKey('one'), await createKey('two')];

  const { status, stdout } = await execute(secretKey, ['list', ...LOCAL]);
  const json = await execute(secretKey, ['list', '--json', ...LOCAL]);

  expect(status).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  const position = (keyId: string) => lines.findIndex((line) => line.startsWith(keyId));
  expect(position(two.id)).toBeLessThan(position(one.id));
  expect(position(one.id)).toBeLessThan(position(id));
  expect(lines[position(two.id)]).toMatch(/^key_\w{27} {2}two +\d{4}-\d\d-\d\dT\S+Z {2}active$/);
  expect(lines[position(id)]).toMatch(/ restored +1970-01-01T00:00:00.001Z +invalid: of generation 99$/);
  const listed = json.stdout.trimEnd().split('\n');
  expect(JSON.parse(listed.find((line) => line.includes(id)) ?? '')).toEqual({
    id,
    name: 'restored',
    created_at: '1970-01-01T00:00:00.001Z',
    generation: 99,
    status: 'invalid',
  });
  const hashes = (await itemsWith('SECRET_KEYS', {})).map(({ hash }) => hash);
  for (const secret of [one.key, two.key, ...hashes]) expect(stdout + json.stdout).not.toContain(secret);
});

test('a secret key is stored once and accepted when the answer to its write is lost', async () => {
  const proxy = await startFaultProxy(dynamodbEndpoint);
  onTestFinished(proxy.stop);
  const lost = proxy.hurt({ operation: 'PutItem', times: 1 }, loseAnswer);
  const { env } = await deployedStack(undefined, proxy.endpoint);

  const { status, stdout } = await execute(secretKey, ['create', '--name', 'lost'], env);

  expect([status, lost.hits]).toEqual([0, 1]);
  expect(await statusWith(stdout.trim())).toBe(200);
  expect(await itemsWith('SECRET_KEYS', { name: 'lost' })).toHaveLength(1);
});

test('revoking an unknown id fails with the way to see the ids', async () => {
  const { status, stderr } = await execute(secretKey, ['revoke', 'key_0ujtsYcgvSTl8PAuAdqWYSMnLOv', ...LOCAL]);

  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^The local run in .* has no secret key key_0ujtsYcgvSTl8PAuAdqWYSMnLOv: "list" shows its secret keys\.\n$/,
  );
});

test('a name of 64 characters is accepted', async () => {
  const { id } = await createKey('ä'.repeat(64));

  expect(await listedLine(id)).toContain('ä'.repeat(64));
});
