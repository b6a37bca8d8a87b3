import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { secretKey } from '../../cdk/commands/secret-key.ts';
import { newId } from '../../shared/base/ids.ts';
import { epochMs } from '../../shared/base/time.ts';
import { loseAnswer, startFaultProxy } from '../support/fault-proxy.ts';
import { send } from '../support/http-browser.ts';
import { itemsWith } from '../support/scan.ts';
import { deleteItem, storeItem } from '../support/stored.ts';
import { deployedStack } from './deployed-stack.ts';
import { execute } from './execute.ts';
import { LOCAL } from './run.ts';

const { dir, dynamodbEndpoint, environment, logFile } = inject('stack');

const DAY_IN_MS = 86_400_000;

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
  expect(await listedLine(id)).toMatch(/ twice +\S+Z +create,revoke,read,users +does not expire +revoked since \S+Z$/);
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
      scopes: ['create', 'revoke', 'read', 'users'],
      created_at: expect.any(Number),
      generation: Number(environment.GENERATION),
      revoked_at: expect.any(Number),
    },
  ]);
  // The search finds what is stored.
  expect(await filesWith(hash)).not.toEqual([]);
  expect(await filesWith(key.slice('sk_test_'.length))).toEqual([]);
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
  expect(lines[position(two.id)]).toMatch(
    /^key_\w{27} {2}two +\d{4}-\d\d-\d\dT\S+Z {2}create,revoke,read,users {2}does not expire +active$/,
  );
  expect(lines[position(id)]).toMatch(
    / restored +1970-01-01T00:00:00.001Z +create,revoke,read,users +does not expire +invalid: of generation 99$/,
  );
  const listed = json.stdout.trimEnd().split('\n');
  expect(JSON.parse(listed.find((line) => line.includes(id)) ?? '')).toEqual({
    id,
    name: 'restored',
    scopes: ['create', 'revoke', 'read', 'users'],
    created_at: '1970-01-01T00:00:00.001Z',
    generation: 99,
    status: 'invalid',
  });
  const hashes = (await itemsWith('SECRET_KEYS', {})).map(({ hash }) => hash);
  for (const secret of [one.key, two.key, ...hashes]) expect(stdout + json.stdout).not.toContain(secret);
});

test('a secret key with scopes and an expiry may do no more and not for longer, and the list shows both', async () => {
  const before = Date.now();
  const chosen = ['--may', 'revoke,create', '--expires-in', '90d'];
  const created = await execute(secretKey, ['create', '--name', 'support', ...chosen, '--json', ...LOCAL]);
  const { id, secret_key, scopes, expires_at } = JSON.parse(created.stdout);

  expect(scopes).toEqual(['create', 'revoke']);
  expect(Date.parse(expires_at)).toBeGreaterThanOrEqual(before + 90 * DAY_IN_MS);
  expect(Date.parse(expires_at)).toBeLessThanOrEqual(Date.now() + 90 * DAY_IN_MS);
  expect(await itemsWith('SECRET_KEYS', { id })).toMatchObject([{ scopes, expires_at: Date.parse(expires_at) }]);
  expect(await listedLine(id)).toMatch(new RegExp(` create,revoke +expires ${expires_at} +active$`));
  expect(await statusWith(secret_key)).toBe(403);
  const authorization = `Bearer ${secret_key}`;
  const path = '/v1/sessions/sess_0ujtsYcgvSTl8PAuAdqWYSMnLOv/revoke';
  expect(await send('POST', path, { headers: { authorization } })).toMatchObject({ status: 404 });
});

test('a secret key expires at the time that was written', async () => {
  const chosen = ['--expires-at', '2099-05-03T11:12:40+02:00'];

  const { stdout } = await execute(secretKey, ['create', '--name', 'timed', ...chosen, '--json', ...LOCAL]);

  expect(JSON.parse(stdout)).toMatchObject({ expires_at: '2099-05-03T09:12:40.000Z', status: 'active' });
});

test('a list warns of secret keys that have expired, expire soon or are old, and of no others', async () => {
  const now = Date.now();
  const generation = Number(environment.GENERATION);
  async function aKey(name: string, attributes: object): Promise<string> {
    const id = newId('key', epochMs(now));
    const item = { hash: id.padEnd(64, '0'), id, name, created_at: now, generation, ...attributes };
    await storeItem('SECRET_KEYS', item);
    return `${id} (${name})`;
  }
  const expired = await aKey('gone', { expires_at: now - 1 });
  const soon = await aKey('soon', { expires_at: now + 13 * DAY_IN_MS });
  const old = await aKey('old', { created_at: now - 365 * DAY_IN_MS });
  const quiet = [
    await aKey('later', { expires_at: now + 15 * DAY_IN_MS }),
    await aKey('younger', { created_at: now - 364 * DAY_IN_MS }),
    await aKey('revoked', { created_at: 1, expires_at: 2, revoked_at: 3 }),
    await aKey('of another generation', { created_at: 1, expires_at: 2, generation: 99 }),
  ];

  const { stderr } = await execute(secretKey, ['list', ...LOCAL]);

  const warnings = stderr.split('\n');
  expect(warnings).toContain(`${expired} has expired: it is refused. Revoke it once none of your servers has it.`);
  expect(warnings).toContain(`${soon} expires in 13 days: replace it before.`);
  expect(warnings).toContain(`${old} is 365 days old: replace it.`);
  for (const key of quiet) expect(stderr).not.toContain(key);
});

test('a list is not stopped by an item that somebody made unreadable', async () => {
  const hash = randomUUID();
  await storeItem('SECRET_KEYS', { hash, id: 'key_unreadable' });
  onTestFinished(() => deleteItem('SECRET_KEYS', { hash }));
  const { id } = await createKey('beside it');

  const { status, stdout, stderr } = await execute(secretKey, ['list', ...LOCAL]);

  expect(status).toBe(0);
  expect(stdout).toContain(id);
  expect(stderr).toContain('key_unreadable is skipped: its item cannot be read, so no function accepts it.');
});

test('a list says where the last use of each secret key is found', async () => {
  const { env } = await deployedStack();

  const deployed = await execute(secretKey, ['list', '--stack', 'support'], env);
  const local = await execute(secretKey, ['list', ...LOCAL]);

  expect(deployed.stderr).toContain(
    'The last use of each key: CloudWatch, Logs Insights, Saved queries, "support/last use of each secret key".\n',
  );
  expect(local.stderr).toContain('The last use of each key: secret_key_id in functions.log of the local run.\n');
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
