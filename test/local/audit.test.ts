// The log of the record under `npm start`: what the commands answer from it, and what `verify` finds.
import { execFile } from 'node:child_process';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { audit } from '../../cdk/commands/audit.ts';
import { type Local, startLocal } from '../../local/product-stack.ts';
import { execute } from '../commands/execute.ts';
import { temporaryDirectory } from './tiny-stack.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const SUB = 'mia';
const REASON = '=Case 4711, "invoice"';

let dir: string;
let local: Local;
let ids: { readonly token: string; readonly session: string; readonly user: string };

const run = (...args: readonly string[]) => execute(audit, [...args, '--local', '--dir', dir]);
const sealsDir = () => join(dir, 's3', local.functionEnvironment.AUDIT_BUCKET ?? '', 'seals');
const seals = async () => (await readdir(sealsDir())).filter((name) => /^\d{12}$/.test(name)).sort();
const sealed = async () =>
  (await Promise.all((await seals()).map((name) => readFile(join(sealsDir(), name), 'utf8')))).join('');

/** Waits until the log has text of this form. */
const untilSealed = (form: RegExp) => vi.waitFor(async () => expect(await sealed()).toMatch(form), { timeout: 20_000 });

async function aStory() {
  const { baseUrl, secretKey, userIds, allowedOrigin } = local.instance;
  const headers = { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ user_id: userIds[0], actor: { sub: SUB, name: 'Mia' }, reason: REASON });
  const created = await fetch(`${baseUrl}/v1/actor_tokens`, { method: 'POST', headers, body });
  const { id, token } = Object(await created.json());
  const origin = { origin: allowedOrigin };
  const form = new URLSearchParams({ strategy: 'ticket', ticket: token });
  const redeemed = await fetch(`${baseUrl}/v1/client/sign_ins`, { method: 'POST', headers: origin, body: form });
  const cookie = redeemed.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const session = String(id).replace('act_', 'sess_');
  await fetch(`${baseUrl}/v1/client/sessions/${session}/end`, { method: 'POST', headers: { ...origin, cookie } });
  await untilSealed(new RegExp(`"session\\.ended"[^\\n]*${session}`));
  await untilSealed(new RegExp(`"actor_token\\.accepted"[^\\n]*${session}`));
  return { token: String(id), session, user: String(userIds[0]) };
}

const dynamodb = () => new DynamoDBClient({ endpoint: local.dynamodbEndpoint, region: 'us-east-1', credentials });

/** Changes an attribute of the session's item by hand, and returns a function that puts it back. */
async function changeByHand(name: string, value: string): Promise<() => Promise<void>> {
  const TableName = local.functionEnvironment.SESSIONS_TABLE;
  const client = dynamodb();
  const { Item = {} } = await client.send(new GetItemCommand({ TableName, Key: { id: { S: ids.session } } }));
  await client.send(new PutItemCommand({ TableName, Item: { ...Item, [name]: { S: value } } }));
  return async () => void (await client.send(new PutItemCommand({ TableName, Item })));
}

beforeAll(async () => {
  dir = await temporaryDirectory();
  local = await startLocal({ port: 0, dir, signInUrl: '' });
  // What happened before the first seal is older than the log.
  await untilSealed(/secret_key\.created/);
  ids = await aStory();
});

afterAll(() => local.stop());

describe('asking the log', () => {
  test('lists the events of a user, an actor and a period as a table', async () => {
    const ofUser = await run('list', '--user', ids.user);
    const ofActor = await run('list', '--actor', SUB);
    const ofNobody = await run('list', '--actor', 'nobody');
    const ofBefore = await run('list', '--until', '2020-01-01T00:00:00Z', '--since', '2019-01-01T00:00:00Z');

    expect(ofUser.stdout.split('\n').map((line) => line.split(/ {2,}/)[1])).toEqual([
      'actor_token.created',
      'actor_token.accepted',
      'session.created',
      'session.ended',
      undefined,
    ]);
    expect(ofUser.stdout).toContain(`end, ${REASON}`);
    expect(ofActor.stdout).toBe(ofUser.stdout);
    for (const none of [ofNobody, ofBefore])
      expect(none).toEqual({ status: 0, stdout: '', stderr: 'The log has no such event in this period.\n' });
  });

  test('shows one story with the numbers of its seals, by either id', async () => {
    const shown = await run('show', ids.token);

    expect(shown.stdout.trim().split('\n')).toHaveLength(4);
    for (const line of shown.stdout.trim().split('\n')) expect(line).toMatch(/^seal \d+ {2}/);
    expect((await run('show', ids.session)).stdout).toBe(shown.stdout);
    expect(await run('show', `act_${'0'.repeat(27)}`)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('has no event of act_'),
    });
    expect(await run('show', 'mia')).toMatchObject({ status: 2 });
  });

  test('exports JSON lines and CSV, in which nothing is a formula', async () => {
    const asJson = (await run('export')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const [header = '', ...lines] = (await run('export', '--csv', '--actor', SUB)).stdout.trim().split('\n');

    expect(asJson).toContainEqual(
      expect.objectContaining({
        type: 'session.created',
        session_id: ids.session,
        actor: expect.objectContaining({ sub: SUB }),
      }),
    );
    expect(header.split(',').slice(0, 5)).toEqual(['seal', 'id', 'at', 'type', 'actor_sub']);
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line).toContain(`,"'=Case 4711, ""invoice""",`);
    expect(await run('export', '--csv', '--json')).toMatchObject({ status: 2 });
  });
});

describe('verify', () => {
  const kept = new Map<string, string>();

  /** Keeps the seals, so that a test may do anything with them. */
  const keep = async () => {
    for (const name of await seals()) kept.set(name, await readFile(join(sealsDir(), name), 'utf8'));
  };

  afterEach(async () => {
    for (const [name, text] of kept) await writeFile(join(sealsDir(), name), text);
    kept.clear();
  });

  test('says that the chain is whole and the record agrees with it, with a witness', async () => {
    const { status, stdout, stderr } = await run('verify');

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      /: \d+ seals, \d+ events, \d+ records: the chain is whole, and the record agrees with it\.\n/,
    );
    const [, witness = ''] = /--witness (\d+:[\w-]{43})/.exec(stdout) ?? [];
    expect(await run('verify', '--witness', witness, '--json')).toMatchObject({ status: 0 });
  });

  test('names a record that was changed by hand within seconds, and the change after it was put back', async () => {
    const startedAt = performance.now();
    const putBack = await changeByHand('reason', 'none');

    const changed = await run('verify');

    expect(changed).toMatchObject({
      status: 1,
      stdout: `${ids.session} in Sessions is not as its event session.created says.\n`,
    });
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect((await run('list')).stdout).toMatch(new RegExp(`audit\\.record_changed.*${ids.session}.*reason`));
    await putBack();
    await vi.waitFor(async () => expect((await sealed()).split('record_changed')).toHaveLength(3), { timeout: 20_000 });
    const after = await run('verify');
    expect(after.status).toBe(0);
    expect(after.stderr).toContain(`${ids.session} was changed past the product at`);
  });

  test.each<[string, () => Promise<void>, RegExp]>([
    [
      'a changed byte',
      async () => {
        const name = (await seals()).find((each) => kept.get(each)?.includes(REASON.slice(1, 10))) ?? '';
        await writeFile(join(sealsDir(), name), (kept.get(name) ?? '').replace('Case 4711', 'Case 4712'));
      },
      /^seals\/0{11}\d was changed in event \d, bytes \d+ to \d+\.\n$/,
    ],
    ['a seal that is gone', async () => rm(join(sealsDir(), '000000000002')), /^seals\/000000000002 is missing\.\n$/],
    [
      'two seals in each other’s places',
      async () => {
        await writeFile(join(sealsDir(), '000000000001'), kept.get('000000000002') ?? '');
        await writeFile(join(sealsDir(), '000000000002'), kept.get('000000000001') ?? '');
      },
      /^seals\/000000000001 is the seal 2, in the place of another\.\n$/,
    ],
    [
      'a line that was added',
      async () => writeFile(join(sealsDir(), '000000000001'), `${kept.get('000000000001')}{}\n`),
      /^seals\/000000000001 was changed in event \d, bytes \d+ to \d+\.\n$/,
    ],
    [
      'a signature of nobody',
      async () => writeFile(join(sealsDir(), '000000000001'), (kept.get('000000000001') ?? '').replace('\n', 'A\n')),
      /^seals\/000000000001 is not signed by an audit key of this stack/,
    ],
  ])('names %s', async (_, change, expected) => {
    await keep();
    await change();

    expect(await run('verify')).toMatchObject({ status: 1, stdout: expect.stringMatching(expected) });
  });

  test('finds with a witness that the end of the log was cut off, and that a seal was replaced', async () => {
    await keep();
    const last = (await seals()).at(-1) ?? '';
    const { witness } = JSON.parse((await run('verify', '--chain-only', '--json')).stdout);
    await rm(join(sealsDir(), last));

    const cutOff = await run('verify', '--chain-only', '--witness', witness);

    expect(cutOff).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/before the seal of --witness: it was cut off/),
    });
    const other = witness.replace(/:.*/, `:${'A'.repeat(43)}`);
    await writeFile(join(sealsDir(), last), kept.get(last) ?? '');
    expect(await run('verify', '--chain-only', '--witness', other)).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/is not the seal of --witness: it was replaced/),
    });
    expect(await run('verify', '--witness', 'x')).toMatchObject({ status: 2 });
  });

  test('finds a record without events, such as one that was written while nothing was sealed', async () => {
    await keep();
    // The log forgets everything but its first seal, and the record does not.
    for (const name of (await seals()).slice(1)) await rm(join(sealsDir(), name));

    const { status, stdout } = await run('verify');

    expect(status).toBe(1);
    expect(stdout).toContain(`${ids.session} in Sessions has no event session.created`);
  }, 60_000);

  test('of a part of the chain does not compare the record', async () => {
    expect((await run('verify', '--from', '2')).stdout).toMatch(/: the chain is whole\.\n/);
    expect(await run('verify', '--from', '0')).toMatchObject({ status: 2 });
  });

  test('of a part that does not exist, or that does not have the witness, is refused', async () => {
    expect(await run('verify', '--from', '999999')).toMatchObject({
      status: 1,
      stdout: `the log ends after ${(await seals()).length} seals, before the seal of --from.\n`,
    });
    expect(await run('verify', '--from', '2', '--witness', `1:${'A'.repeat(43)}`)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--from is a seal after that of --witness'),
    });
  });
});

test('the lines of docs/audit.md verify a seal with openssl alone', async () => {
  const page = await readFile('docs/audit.md', 'utf8');
  const [, lines = ''] = /<!-- shell "verify-a-seal" -->\n```sh\n([\s\S]*?)```/.exec(page) ?? [];
  const kms = new KMSClient({ endpoint: local.kmsEndpoint, region: 'us-east-1', credentials });
  const KeyId = local.functionEnvironment.AUDIT_KEY_IDS;
  const { PublicKey = new Uint8Array() } = await kms.send(new GetPublicKeyCommand({ KeyId }));
  const work = await temporaryDirectory();
  const seal = '000000000001';
  // The aws command answers from the local run.
  const aws = [
    'aws() { if [ "$1" = kms ]; then echo "$PUBLIC_KEY"; else cp "$SEALS/$SEAL" "$4"; fi; }',
    'set -eu',
  ].join('\n');
  const env = {
    PATH: process.env.PATH,
    PUBLIC_KEY: Buffer.from(PublicKey).toString('base64'),
    SEALS: sealsDir(),
    SEAL: seal,
    AUDIT_KEY: KeyId,
    AUDIT_BUCKET: 'x',
  };

  const { stdout } = await promisify(execFile)('bash', ['-c', `${aws}\n${lines}`], { cwd: work, env });

  const [verified, sha256, claims = '', hash] = stdout.trim().split('\n');
  expect(verified).toBe('Verified OK');
  expect(JSON.parse(claims).sha256).toBe(sha256);
  const next = (await readFile(join(sealsDir(), '000000000002'), 'utf8')).split('.')[1] ?? '';
  expect(JSON.parse(Buffer.from(next, 'base64url').toString()).prev).toBe(hash);
});

test('what is delivered again after a restart is not sealed twice', async () => {
  await local.stop();
  await rename(join(dir, 'streams.json'), join(dir, 'streams-of-before.json'));

  local = await startLocal({ port: 0, dir, signInUrl: '' });
  ids = await aStory();

  const events = (await run('export')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).id);
  expect(new Set(events).size).toBe(events.length);
  expect((await run('verify')).status).toBe(0);
}, 60_000);

test('names a session that somebody wrote by hand, which no actor token started', async () => {
  const TableName = local.functionEnvironment.SESSIONS_TABLE;
  const client = dynamodb();
  const { Item = {} } = await client.send(new GetItemCommand({ TableName, Key: { id: { S: ids.session } } }));
  const id = `sess_${'F'.repeat(27)}`;
  const Key = { id: { S: id } };
  const active = Object.fromEntries(Object.entries(Item).filter(([name]) => !/^end(ed)?_/.test(name)));
  const forged = { ...active, id: { S: id }, actor_token_id: { S: `act_${'F'.repeat(27)}` } };
  await client.send(new PutItemCommand({ TableName, Item: forged }));

  const found = await run('verify');

  expect(found).toMatchObject({ status: 1, stdout: `${id} in Sessions was started by no actor token.\n` });
  await client.send(new DeleteItemCommand({ TableName, Key }));
  await untilSealed(new RegExp(`record_changed[^\\n]*${id}`));
  // The log does not forget it.
  expect((await run('verify')).stdout).toBe(`${id} in Sessions is missing.\n`);
}, 120_000);
