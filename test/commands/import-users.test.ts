// `npm run users -- import`: its rules in this process, and how it ends as a process of its own.
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { emptyTally, type ImportOptions, importUsers } from '../../cdk/commands/users/import-users.ts';
import { users } from '../../cdk/commands/users.ts';
import { limits } from '../../shared/base/limits.ts';
import { cancelled, type Fault, hang, startFaultProxy, throttling } from '../support/fault-proxy.ts';
import { aUser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { itemsWith } from '../support/scan.ts';
import { aDirectory } from './a-directory.ts';
import { deployedStack } from './deployed-stack.ts';
import { execute } from './execute.ts';
import { LOCAL, run, start } from './run.ts';

const { dynamodbEndpoint } = inject('stack');

interface Line {
  readonly external_id: string;
  readonly first_name: string;
}

function aName(): string {
  return `n${randomUUID()}`;
}

/** Users of this test alone. */
function usersNamed(firstName: string, count: number): readonly Line[] {
  return Array.from({ length: count }, (_, position) => ({
    external_id: `${firstName}_${position}`,
    first_name: firstName,
  }));
}

function ndjson(lines: readonly object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

async function fileOf(text: string): Promise<string> {
  return `${await aDirectory({ 'users.ndjson': text })}/users.ndjson`;
}

async function externalIdsOf(firstName: string): Promise<readonly string[]> {
  const stored = await itemsWith('USERS', { first_name: firstName });
  return stored.map(({ external_id }) => external_id).sort();
}

interface Imported {
  readonly stop: Awaited<ReturnType<typeof importUsers>>;
  readonly tally: ImportOptions['tally'];
  readonly bad: readonly string[];
}

/** Imports in this process, by default into nothing. */
async function importFrom(source: Readable, options: Partial<ImportOptions> = {}): Promise<Imported> {
  const bad: string[] = [];
  const tally = emptyTally();
  const stop = await importUsers({
    source,
    store: async () => 'imported',
    tally,
    onBadLine: (line, reason) => void bad.push(`${line}: ${reason}`),
    signal: new AbortController().signal,
    ...options,
  });
  return { stop, tally, bad };
}

function sourceOf(lines: readonly (string | Buffer)[]): Readable {
  return Readable.from([Buffer.concat(lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\n')])))]);
}

const nested = (depth: number) => `{"external_id":"a","public_metadata":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;
const padded = (bytes: number) => `{"external_id":"a"}${' '.repeat(bytes - '{"external_id":"a"}'.length)}`;

describe('a bad line', () => {
  test.each([
    ['without external_id', '{"first_name":"Ada"}', 'external_id must be included.'],
    ['with an empty external_id', '{"external_id":""}', 'external_id must be included.'],
    [
      'with an id of another form',
      '{"id":"x","external_id":"a"}',
      'id must be an id such as user_2Zwn4c4SnN4HHeTb8EK7pe29iof.',
    ],
    ['that is null', 'null', 'The line must be a JSON object.'],
    [
      'with a parameter that users do not have',
      '{"external_id":"a","password":"p"}',
      'password is not a parameter here, because this instance has no passwords.',
    ],
    [
      'with two wrong types',
      '{"external_id":7,"email_address":"a@example.com"}',
      'external_id must be a string. email_address must be an array of strings.',
    ],
    ['that is not JSON', '{"external_id": "correct-horse', 'The line is not valid JSON.'],
    ['that is a list', '["list"]', 'The line must be a JSON object.'],
    ['that is too long', padded(limits.bodyBytes + 1), 'The line is larger than 65536 bytes.'],
    ['that is nested too deeply', nested(40), 'The line is nested too deeply.'],
    ['that is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'The line is not valid UTF-8.'],
  ])('a line %s is reported with its number and skipped', async (_, line, reason) => {
    const good = '{"external_id":"a"}';

    expect(await importFrom(sourceOf([good, '', line, good]))).toEqual({
      stop: undefined,
      tally: { ...emptyTally(), imported: 2, bad: 1 },
      bad: [`3: ${reason}`],
    });
  });

  test('a line of the longest allowed length is imported', async () => {
    expect(await importFrom(sourceOf([padded(limits.bodyBytes)]))).toMatchObject({ tally: { imported: 1, bad: 0 } });
  });
});

describe('the order and the end of an import', () => {
  const users50 = usersNamed('a', 50).map((user) => JSON.stringify(user));

  test('an import stores at most 16 users at the same time', async () => {
    let running = 0;
    let most = 0;
    const store = async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(20);
      running -= 1;
      return 'imported' as const;
    };

    const { tally } = await importFrom(sourceOf(users50), { store });

    expect({ most, imported: tally.imported }).toEqual({ most: 16, imported: 50 });
  });

  test('an import that fails stops at the first line that is not stored, after every store has ended', async () => {
    let running = 0;
    const store: ImportOptions['store'] = async ({ user: { externalId } }) => {
      running += 1;
      const number = Number(externalId?.split('_')[1]) + 1;
      await sleep(number === 12 ? 1 : 20);
      running -= 1;
      if (number === 12 || number === 10) throw new Error(`failed at ${number}`);
      return 'imported';
    };

    const { stop, tally } = await importFrom(sourceOf(users50), { store });

    expect(stop).toEqual({ line: 10, error: new Error('failed at 10') });
    expect({ running, imported: tally.imported }).toEqual({ running: 0, imported: 14 });
  });

  test('an interrupted import stores what it has begun, and names the first line that it did not begin', async () => {
    const controller = new AbortController();
    let begun = 0;
    const store = async () => {
      begun += 1;
      if (begun === 20) controller.abort();
      await sleep(5);
      return 'imported' as const;
    };

    const { stop, tally } = await importFrom(sourceOf(users50), { store, signal: controller.signal });

    expect(stop).toEqual({ line: 21, error: undefined });
    expect(tally.imported).toBe(20);
  });

  test('an interrupted import does not wait for the rest of a file that is still being written', async () => {
    const controller = new AbortController();
    const source = new Readable({ read: () => undefined });
    source.push(`${users50[0]}\n`);
    setTimeout(() => controller.abort(), 20);

    expect(await importFrom(source, { signal: controller.signal })).toMatchObject({
      stop: { line: 2, error: undefined },
      tally: { imported: 1 },
    });
  });

  test('an import throws when the file cannot be read to its end', async () => {
    const source = Readable.from(
      (async function* () {
        yield Buffer.from(`${users50[0]}\n`);
        throw new Error('EIO');
      })(),
    );

    await expect(importFrom(source)).rejects.toThrow('EIO');
  });
});

/** Passes writes to the engine until this many are stored; the others meet the fault. */
async function failingAfter(writes: number, fault: Fault) {
  const proxy = await startFaultProxy(dynamodbEndpoint);
  onTestFinished(proxy.stop);
  const reached = Promise.withResolvers<void>();
  let received = 0;
  let stored = 0;
  proxy.hurt({ operation: 'TransactWriteItems' }, async (exchange) => {
    received += 1;
    if (received > writes) return fault(exchange);
    exchange.answer(await exchange.forward());
    stored += 1;
    if (stored === writes) reached.resolve();
  });
  const { env } = await deployedStack(undefined, proxy.endpoint);
  return { env, reached: reached.promise };
}

/** Gives writes the fault whenever DynamoDB throttles. */
async function throttledBy(fault: Fault, isThrottling: () => boolean) {
  const proxy = await startFaultProxy(dynamodbEndpoint);
  onTestFinished(proxy.stop);
  let hits = 0;
  proxy.hurt({ operation: 'TransactWriteItems' }, async (exchange) => {
    if (!isThrottling()) return exchange.answer(await exchange.forward());
    hits += 1;
    return fault(exchange);
  });
  const { env } = await deployedStack(undefined, proxy.endpoint);
  return { env, hits: () => hits };
}

describe('as a process', () => {
  test('an import stores each user as the API does, once however often it runs', async () => {
    const name = aName();
    const metadata = { public_metadata: { plan: 'pro' }, private_metadata: { note: 'x' } };
    const emailAddresses = [`${name}@example.com`];
    const user = { external_id: name, first_name: name, email_address: emailAddresses, totp_secret: 's', ...metadata };
    const path = await fileOf(ndjson([user]));

    const first = await run('users', ['import', path, ...LOCAL]);
    const second = await run('users', ['import', '-', '--json', ...LOCAL], { input: ndjson([user]) });

    expect(first).toMatchObject({
      status: 0,
      stdout: 'imported 1, already there 0, bad 0\n',
      stderr: expect.stringMatching(/^Importing into the local run in .* …\n$/),
    });
    expect(second).toMatchObject({ status: 0, stdout: '{"imported":0,"already_there":1,"bad":0}\n' });
    const { json } = await callBackend('GET', `/v1/users?external_id=${name}`);
    expect(json).toMatchObject([{ external_id: name, first_name: name, totp_enabled: true, ...metadata }]);
    expect(json).toHaveLength(1);
  });

  test('an import keeps the id that a user has at Clerk', async () => {
    const name = aName();
    const id = (position: number) => `user_${`${position}${name.replaceAll(/\W/g, '')}`.slice(0, 27)}`;
    const lines = [
      { id: id(0), external_id: `${name}_0`, first_name: name },
      { id: id(1), first_name: name },
      { id: id(1), first_name: name },
      { id: id(1), external_id: `${name}_1`, first_name: name },
      { id: id(2), external_id: `${name}_0`, first_name: name },
    ];

    const first = await run('users', ['import', '-', ...LOCAL], { input: ndjson(lines.slice(0, 2)) });
    const second = await run('users', ['import', '-', ...LOCAL], { input: ndjson(lines) });

    expect(first).toMatchObject({ status: 0, stdout: 'imported 2, already there 0, bad 0\n' });
    expect(second).toMatchObject({ status: 1, stdout: 'imported 0, already there 3, bad 2\n' });
    expect(second.stderr).toContain('line 4: id belongs to another user.');
    expect(second.stderr).toContain('line 5: external_id belongs to another user.');
    const { json } = await callBackend('GET', `/v1/users/${id(0)}`);
    expect(json).toMatchObject({ id: id(0), external_id: `${name}_0` });
  });

  test('an import takes empty cells of an exported table as none', async () => {
    const name = aName();
    const line = { external_id: name, first_name: '', username: '', locale: '', created_at: '', email_address: [''] };

    const { stdout } = await run('users', ['import', '-', ...LOCAL], { input: ndjson([line]) });

    expect(stdout).toBe('imported 1, already there 0, bad 0\n');
    const { json } = await callBackend('GET', `/v1/users/${name}`);
    expect(json).toMatchObject({ first_name: null, username: null, locale: null, email_addresses: [] });
  });

  test('an import gives an external id to one user only, and the user who has it keeps it', async () => {
    const name = aName();
    const userId = await aUser({ external_id: `${name}_0` });
    const [user = {}] = usersNamed(name, 1);
    const twice = { external_id: `${name}_1`, first_name: name };

    const { stdout } = await run('users', ['import', '-', ...LOCAL], { input: ndjson([user, twice, twice]) });

    expect(stdout).toBe('imported 1, already there 2, bad 0\n');
    expect((await callBackend('GET', `/v1/users/${userId}`)).json).toMatchObject({ first_name: 'Target' });
    expect(outcome(await callBackend('POST', '/v1/users', { external_id: `${name}_1` }))).toEqual(
      refusal(422, ['form_identifier_exists', 'external_id']),
    );
  });

  test('an import that is killed continues where it stopped when it runs again', async () => {
    const lines = usersNamed(aName(), 100);
    const name = lines[0]?.first_name ?? '';
    const path = await fileOf(ndjson(lines));
    const { env, reached } = await failingAfter(50, hang);
    const killed = start('users', ['import', path], { env });
    await reached;
    killed.kill('SIGKILL');
    await killed.ended;
    expect(await externalIdsOf(name)).toHaveLength(50);

    const { status, stdout } = await run('users', ['import', path, ...LOCAL]);

    expect({ status, stdout }).toEqual({ status: 0, stdout: 'imported 50, already there 50, bad 0\n' });
    expect(await externalIdsOf(name)).toEqual(lines.map(({ external_id }) => external_id).sort());
  });

  test.each([
    ['calls', throttling],
    ['transactions', cancelled('ThrottlingError')],
  ])('an import slows down while DynamoDB throttles %s, and stores every user once', async (_, fault) => {
    const lines = usersNamed(aName(), 150);
    let writes = 0;
    // A quarter of all writes, in a row.
    const { env, hits } = await throttledBy(fault, () => writes++ % 80 < 20);

    const { status, stdout } = await run('users', ['import', '-'], { env, input: ndjson(lines) });

    expect({ status, stdout }).toEqual({ status: 0, stdout: 'imported 150, already there 0, bad 0\n' });
    expect(hits()).toBeGreaterThanOrEqual(20);
    expect(await externalIdsOf(lines[0]?.first_name ?? '')).toEqual(lines.map(({ external_id }) => external_id).sort());
  });

  test('an import that is interrupted while DynamoDB throttles ends at once, and continues when it runs again', async () => {
    const lines = usersNamed(aName(), 60);
    const path = await fileOf(ndjson(lines));
    const { env, hits } = await throttledBy(cancelled('ProvisionedThroughputExceeded'), () => true);
    const importing = start('users', ['import', path], { env });
    await expect.poll(hits, { timeout: 20_000 }).toBeGreaterThan(16);
    importing.kill('SIGINT');

    const interrupted = await importing.ended;
    const again = await run('users', ['import', path, ...LOCAL]);

    expect(interrupted).toMatchObject({ status: 1, stdout: 'imported 0, already there 0, bad 0\n' });
    expect(interrupted.stderr).toMatch(/stopped at line 1\. Interrupted\. Run the same command again to continue\.\n$/);
    expect(again.stdout).toBe('imported 60, already there 0, bad 0\n');
  });

  test('an import with --update gives users who exist the values of their lines, and leaves all else', async () => {
    const name = aName();
    const before = {
      first_name: 'Ada',
      last_name: 'Lovelace',
      username: name,
      email_address: [`a@${name}.example`, `b@${name}.example`],
      private_metadata: { note: 'kept' },
      banned: true,
    };
    const userId = await aUser({ external_id: name, ...before });
    const present = (await callBackend('GET', `/v1/users/${userId}`)).json;
    const changed = { external_id: name, first_name: 'Augusta', username: '', email_address: [`B@${name}.example`] };
    const lines = [changed, { external_id: `${name}_new`, first_name: name }, { external_id: name, last_name: null }];
    const input = ndjson(lines);

    const first = await run('users', ['import', '-', '--update', ...LOCAL], { input });
    const second = await run('users', ['import', '-', '--update', '--json', ...LOCAL], { input });

    expect(first).toMatchObject({ status: 0, stdout: 'imported 1, updated 2, unchanged 0, bad 0\n' });
    expect(JSON.parse(second.stdout)).toEqual({ imported: 0, updated: 0, unchanged: 3, bad: 0 });
    expect((await callBackend('GET', `/v1/users/${name}`)).json).toMatchObject({
      id: userId,
      first_name: 'Augusta',
      last_name: null,
      username: name,
      email_addresses: [{ id: present.email_addresses[1].id, email_address: `B@${name}.example` }],
      private_metadata: { note: 'kept' },
      banned: true,
    });
    const found = await callBackend('GET', `/v1/users?email_address=a@${name}.example`);
    expect(found.json).toEqual([]);
  });

  test('an import with --update gives the user of an id another external id, unless it is taken', async () => {
    const name = aName();
    const [one, other] = [await aUser({ external_id: `${name}_1` }), await aUser({ external_id: `${name}_2` })];
    const lines = [
      { id: one, external_id: `${name}_3` },
      { id: other, external_id: `${name}_3` },
    ];

    const { status, stdout, stderr } = await run('users', ['import', '-', '--update', ...LOCAL], {
      input: ndjson(lines),
    });

    expect({ status, stdout }).toEqual({ status: 1, stdout: 'imported 0, updated 1, unchanged 0, bad 1\n' });
    expect(stderr).toMatch(/line [12]: external_id belongs to another user\./);
    expect((await callBackend('GET', `/v1/users/${name}_3`)).json.id).toMatch(new RegExp(`^(${one}|${other})$`));
  });

  test('an import that Ctrl-C interrupts stores what it has begun, and reports where it stopped', async () => {
    const lines = usersNamed(aName(), 2000);
    const held = Promise.withResolvers<void>();
    const { env, reached } = await failingAfter(40, async ({ forward, answer }) => {
      await held.promise;
      answer(await forward());
    });
    const importing = start('users', ['import', await fileOf(ndjson(lines))], { env });
    await reached;
    // npm forwards the Ctrl-C that the terminal has sent to both.
    importing.kill('SIGINT');
    await sleep(100);
    importing.kill('SIGINT');
    setTimeout(held.resolve, 200);

    const { status, stdout, stderr } = await importing.ended;

    const imported = Number(/^imported (\d+), already there 0, bad 0\n$/.exec(stdout)?.[1]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /The import stopped at line \d+\. Interrupted\. Run the same command again to continue\.\n$/,
    );
    expect(imported).toBeGreaterThan(40);
    expect(imported).toBeLessThan(100);
    expect(await externalIdsOf(lines[0]?.first_name ?? '')).toHaveLength(imported);
  });

  test('a dry run checks the file, needs no instance and stores nothing', async () => {
    const lines = usersNamed(aName(), 2);
    const input = `\u{feff}${ndjson(lines)}{}\r\n`;

    const ended = await run('users', ['import', '-', '--dry-run'], { input });

    expect(ended).toEqual({
      status: 1,
      stdout: 'good 2, bad 1\n',
      stderr: 'line 3: external_id must be included.\n',
    });
    expect(await externalIdsOf(lines[0]?.first_name ?? '')).toEqual([]);
  });
});

test.each([
  [
    'does not exist',
    '/nonexistent/users.ndjson',
    '/nonexistent/users.ndjson cannot be read (ENOENT): name a file with one user per line.\n',
  ],
  ['is a directory', tmpdir(), `${tmpdir()} is a directory: name a file with one user per line.\n`],
])('an import of a file that %s is refused in one sentence', async (_, path, stderr) => {
  expect(await execute(users, ['import', path, ...LOCAL])).toEqual({ status: 1, stdout: '', stderr });
});
