import { createHash } from 'node:crypto';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { loseAnswer, startFaultProxy } from '../support/fault-proxy.ts';
import { send } from '../support/http-browser.ts';
import { itemsWith } from '../support/scan.ts';
import { storeItem } from '../support/stored.ts';
import { deployedStack } from './deployed-stack.ts';
import { LOCAL, run } from './run.ts';

const { dir, dynamodbEndpoint, environment, logFile } = inject('stack');

interface Made {
  readonly id: string;
  readonly key: string;
}

async function aKey(name: string): Promise<Made> {
  const { status, stdout, stderr } = await run('secret-key', ['create', '--name', name, '--json', ...LOCAL]);
  if (status !== 0) throw new Error(`No secret key: ${stderr}`);
  const { id, secret_key } = JSON.parse(stdout);
  return { id, key: secret_key };
}

async function statusWith(key: string): Promise<number> {
  const { status } = await send('GET', '/v1/users/count', { headers: { authorization: `Bearer ${key}` } });
  return status;
}

async function listed(id: string): Promise<string | undefined> {
  const { stdout } = await run('secret-key', ['list', ...LOCAL]);
  return stdout.split('\n').find((line) => line.startsWith(id));
}

test('a new key is shown once, alone on stdout, and accepted by the next request', async () => {
  const { status, stdout, stderr } = await run('secret-key', ['create', '--name', 'backend', ...LOCAL]);

  expect(status).toBe(0);
  expect(stdout).toMatch(/^sk_live_[\w-]{43}\n$/);
  expect(stderr).toMatch(
    /^key_\w{27} \(backend\) of the local run in .* works from now on\. Keep the key: it will not be shown again\.\n$/,
  );
  expect(await statusWith(stdout.trim())).toBe(200);
});

test('several keys work at once; a revoked one is refused by the next request, and the others are not', async () => {
  const [one, other] = [await aKey('one'), await aKey('other')];
  expect([await statusWith(one.key), await statusWith(other.key)]).toEqual([200, 200]);

  const { status, stderr } = await run('secret-key', ['revoke', one.id, ...LOCAL]);

  expect({ status, stderr }).toEqual({ status: 0, stderr: `${one.id} is refused from now on.\n` });
  expect([await statusWith(one.key), await statusWith(other.key)]).toEqual([401, 200]);
});

test('a revoked key stays revoked since the first time', async () => {
  const { id } = await aKey('twice');
  const first = await run('secret-key', ['revoke', id, ...LOCAL]);

  const second = await run('secret-key', ['revoke', id, ...LOCAL]);

  expect(second).toEqual({ status: 0, stdout: first.stdout, stderr: `${id} had been revoked before.\n` });
  expect(await listed(id)).toMatch(/ twice +\S+Z +revoked since \S+Z$/);
});

test('only the hash of a key is stored, and the key is nowhere in what the stack writes', async () => {
  const { id, key } = await aKey('nowhere');
  await statusWith(key);
  await run('secret-key', ['list', ...LOCAL]);
  await run('secret-key', ['revoke', id, ...LOCAL]);
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
  const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  const holding = async (text: string) => {
    const held = await Promise.all(paths.map(async (path) => (await readFile(path)).includes(text)));
    return paths.filter((_, position) => held[position]);
  };
  expect(paths).toContain(logFile);
  // That the search would see it.
  expect(await holding(hash)).not.toEqual([]);
  expect(await holding(key)).toEqual([]);
  expect(await holding(key.slice('sk_live_'.length))).toEqual([]);
});

test('a list says what each key is for and whether it works, newest first, and neither key nor hash', async () => {
  const old = {
    hash: 'f'.repeat(64),
    id: 'key_2Zwn4c4SnN4HHeTb8EK7pe29iof',
    name: 'restored',
    created_at: 1,
    generation: 99,
  };
  await storeItem('SECRET_KEYS', old);
  const [one, two] = [await aKey('one'), await aKey('two')];

  const { status, stdout } = await run('secret-key', ['list', ...LOCAL]);
  const json = await run('secret-key', ['list', '--json', ...LOCAL]);

  expect(status).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  const position = (id: string) => lines.findIndex((line) => line.startsWith(id));
  expect(position(two.id)).toBeLessThan(position(one.id));
  expect(lines[position(two.id)]).toMatch(/^key_\w{27} {2}two +\d{4}-\d\d-\d\dT\S+Z {2}active$/);
  expect(lines.at(-1)).toMatch(/ restored +1970-01-01T00:00:00.001Z +dead: of generation 99$/);
  expect(JSON.parse(json.stdout.trimEnd().split('\n').at(-1) ?? '')).toEqual({
    id: old.id,
    name: 'restored',
    created_at: '1970-01-01T00:00:00.001Z',
    generation: 99,
    status: 'dead',
  });
  const hashes = (await itemsWith('SECRET_KEYS', {})).map(({ hash }) => hash);
  for (const secret of [one.key, two.key, ...hashes]) expect(stdout + json.stdout).not.toContain(secret);
});

test('a key whose storing was not answered is stored once, and works', async () => {
  const proxy = await startFaultProxy(dynamodbEndpoint);
  onTestFinished(proxy.stop);
  const lost = proxy.hurt({ operation: 'PutItem', times: 1 }, loseAnswer);
  const { env } = await deployedStack(undefined, proxy.endpoint);

  const { status, stdout } = await run('secret-key', ['create', '--name', 'lost'], { env });

  expect([status, lost.hits]).toEqual([0, 1]);
  expect(await statusWith(stdout.trim())).toBe(200);
  expect(await itemsWith('SECRET_KEYS', { name: 'lost' })).toHaveLength(1);
});

test('a key that cannot be shown is not told to be made: the command fails', async () => {
  const full = await open('/dev/full', 'w');
  onTestFinished(() => full.close());

  const { status, stderr } = await run('secret-key', ['create', '--name', 'lost', ...LOCAL], { stdout: full.fd });

  expect(status).toBe(1);
  expect(stderr).toContain('The result could not be written (ENOSPC): what was done is done, but not shown.');
});

test('an unknown id is told with how to see the others', async () => {
  const { status, stderr } = await run('secret-key', ['revoke', 'key_0ujtsYcgvSTl8PAuAdqWYSMnLOv', ...LOCAL]);

  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^The local run in .* has no secret key key_0ujtsYcgvSTl8PAuAdqWYSMnLOv: "list" shows those there are\.\n$/,
  );
});

describe('a key that is pasted in the wrong place is not repeated', () => {
  const key = 'sk_live_0123456789abcdefghijABCDEFGHIJ';

  test.each([
    ['as an id', ['revoke', key, ...LOCAL]],
    ['as a command', [key]],
    ['as an option', ['list', `--${key}`]],
    ['as one argument too many', ['list', key]],
    ['as a stack', ['list', '--stack', key, '--region', 'us-east-1']],
  ])('%s', async (_, args) => {
    const { status, stdout, stderr } = await run('secret-key', args);

    expect(status).toBeGreaterThan(0);
    expect(stdout + stderr).not.toContain(key.slice('sk_live_'.length));
  });
});

describe('a name has 1 to 64 printable characters', () => {
  test.each([
    ['none', [], 'Say what the key is for: --name backend.'],
    ['an empty one', ['--name', ''], 'name must not be empty.'],
    ['a long one', ['--name', 'x'.repeat(65)], 'name must have at most 64 characters.'],
    ['one with a line feed', ['--name', 'a\nb'], 'name must not contain control characters.'],
    ['one without quotes', ['--name', 'my', 'backend'], 'There are 1 arguments too many: put quotes around a name.'],
  ])('%s', async (_, args, message) => {
    expect(await run('secret-key', ['create', ...args, ...LOCAL])).toEqual({
      status: 2,
      stdout: '',
      stderr: `${message}\nAll of it: npm run secret-key -- --help\n`,
    });
  });

  test('the longest is taken', async () => {
    const { id } = await aKey('ä'.repeat(64));

    expect(await listed(id)).toContain('ä'.repeat(64));
  });
});
