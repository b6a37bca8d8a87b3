// One story, in order: each test goes on from where the one before it left the emulated account.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CloudFormationClient, UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import { createClerkClient } from '@clerk/backend';
import { isClerkAPIResponseError } from '@clerk/backend/errors';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tableDefinitions } from '../../cdk/table-definitions.ts';
import { browserPost, redeem } from './browser.ts';
import { type Account, command, type Ended, succeeded } from './command.ts';
import { type DeployedApi, serveDeployed } from './deployed-api.ts';
import { type Emulator, emulatorPython, type Inventory, startEmulator } from './emulator.ts';

const certificate = 'arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-0000-0000-000000000000';
const dev = [
  '-c',
  'stage=dev',
  '-c',
  'signInUrl=https://app.example.com/sign-in',
  '-c',
  'allowedOrigins=https://app.example.com',
  '-c',
  'alarmEmail=ops@example.com',
  '-c',
  'cloudTrailLogGroup=aws-cloudtrail-logs',
];
const prod = [
  '-c',
  'stage=prod',
  '-c',
  'audit=on',
  '-c',
  'domainName=clerk.example.com',
  '-c',
  `certificateArn=${certificate}`,
];
/** The first deployment checks the template; the others need not, it takes seconds. */
const unchecked = ['-c', 'validate=false'];
const approved = ['--require-approval', 'never'];
const environment = ['aws://000000000000/us-east-1'];
const actor = { sub: 'user_support', reason: 'SUP-1' };

let emulator: Emulator;
let account: Account;
let directory: string;
/** After the bootstrap, before anything of ours. */
let empty: Inventory;
let api: DeployedApi | undefined;
const known = { secretKey: '', userId: '', sessionToken: '' };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'deploy-'));
  emulator = await startEmulator();
  account = { endpoint: emulator.endpoint, cdkHome: join(directory, 'cdk-home') };
});

afterAll(async () => {
  await api?.stop();
  await emulator?.stop();
});

/** `npm run deploy` or `destroy` as it is typed, but for where it writes. */
function npmRun(script: string, ...args: readonly string[]): Promise<Ended> {
  return command(account, 'npm', 'run', script, '--', ...args, '--output', join(directory, 'cdk.out'));
}

async function deployed(...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const outputs = join(directory, 'outputs.json');
  await rm(outputs, { force: true });
  await succeeded(npmRun('deploy', ...args, ...approved, '--outputs-file', outputs));
  const [stack]: readonly Record<string, string>[] = Object.values(JSON.parse(await readFile(outputs, 'utf8')));
  return stack ?? {};
}

/** The template that was deployed last. */
async function template(stackName: string): Promise<{ readonly Resources: Record<string, { readonly Type: string }> }> {
  return JSON.parse(await readFile(join(directory, 'cdk.out', `${stackName}.template.json`), 'utf8'));
}

async function served(stackName = 'actor-tokens-dev'): Promise<DeployedApi> {
  await api?.stop();
  api = await serveDeployed({ emulator, stackName, directory, report: () => undefined });
  return api;
}

function clerk({ baseUrl }: DeployedApi) {
  return createClerkClient({ apiUrl: baseUrl, secretKey: known.secretKey, telemetry: { disabled: true } });
}

async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return isClerkAPIResponseError(error) ? error.errors[0]?.code : String(error);
}

/** The fenced shell lines below a heading of a document. */
async function shellBelow(document: string, heading: string): Promise<string> {
  const sections = (await readFile(document, 'utf8')).split(/^## /m);
  const section = sections.find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^```sh\n(.*?)^```/gms)].map(([, lines]) => lines).join('\n');
}

test('an account is bootstrapped as the CDK does it', async () => {
  await succeeded(
    command(account, 'npx', 'cdk', 'bootstrap', ...environment, ...unchecked, '--output', join(directory, 'bootstrap')),
  );

  empty = await emulator.inventory();
  expect(empty.stacks).toEqual(['CDKToolkit']);
});

test('npm run deploy creates the stack and tells its outputs', async () => {
  const outputs = await deployed(...dev);

  const { tables, apis } = await emulator.inventory();
  const url = apis[0]?.endpoint ?? '';
  expect(outputs).toMatchObject({
    ApiUrl: url,
    FrontendApiUrl: url,
    Issuer: url,
    JwksUrl: `${url}/.well-known/jwks.json`,
    PublishableKey: `pk_live_${Buffer.from(`${new URL(url).host}$`).toString('base64')}`,
    InstanceId: expect.stringMatching(/^ins_[0-9A-Za-z]{27}$/),
  });
  const named = Object.entries(outputs).filter(([name]) => name.endsWith('Table'));
  expect(named.map(([, table]) => table).sort()).toEqual(tables.map(({ name }) => name).sort());
});

test('the emulator knows every resource type of the stack, or says that it leaves it out', async () => {
  const { Resources } = await template('actor-tokens-dev');
  const unknown = Object.values(Resources).filter(
    ({ Type }) => !emulator.types.has(Type) && !emulator.leftOut.has(Type),
  );

  expect(unknown).toEqual([]);
});

test('what is deployed is what the template says: tables, keys, functions, routes', async () => {
  const { tables, keys, functions, roles, metricFilters, apis, aliases } = await emulator.inventory();

  expect(tables.map(({ name, ...table }) => ({ name: /-(\w+?)Table/.exec(name)?.[1], ...table }))).toEqual(
    Object.entries(tableDefinitions).map(([name, { expires }]) => ({
      name,
      items: 0,
      timeToLive: expires ? 'ttl' : null,
      recoverable: true,
      protected: false,
    })),
  );
  const { Resources } = await template('actor-tokens-dev');
  const count = (type: string) => Object.values(Resources).filter(({ Type }) => Type === type).length;
  expect(keys).toHaveLength(count('AWS::KMS::Key'));
  expect(aliases).toHaveLength(count('AWS::KMS::Alias'));
  for (const { spec, use, state } of keys) expect([spec, use, state]).toEqual(['RSA_2048', 'SIGN_VERIFY', 'Enabled']);
  expect(functions).toHaveLength(count('AWS::Lambda::Function'));
  const writers = metricFilters.filter((pattern) => pattern.includes('dynamodb') && pattern.includes('Execute'));
  const revoking = roles.find(({ name }) => name.includes('RevokeSessionRole'));
  expect(writers).toEqual([expect.stringContaining(`"${revoking?.id}:*"`)]);
  expect(metricFilters).toHaveLength(count('AWS::Logs::MetricFilter'));
  expect(apis[0]?.stages).toEqual(['$default']);
  expect(apis[0]?.routes).toHaveLength(count('AWS::ApiGatewayV2::Route'));
});

test('npm run secret-key makes the first secret key of the deployed stack', async () => {
  const made = await succeeded(
    command(
      account,
      'npm',
      'run',
      '--silent',
      'secret-key',
      '--',
      'create',
      '--name',
      'first',
      '--json',
      '--stack',
      'actor-tokens-dev',
    ),
  );

  known.secretKey = JSON.parse(made.printed).secret_key;
  expect(known.secretKey).toMatch(/^sk_test_/);
});

test('on the deployed tables and keys a ticket signs in once, and the session token verifies by the served keys', async () => {
  const on = await served();
  const user = await clerk(on).users.createUser({ firstName: 'Target', externalId: 'customer_1' });
  const { token } = await clerk(on).actorTokens.create({ userId: user.id, actor });

  const first = await redeem(on.baseUrl, token);
  const second = await redeem(on.baseUrl, token);

  expect([first.status, second.status]).toEqual([200, 400]);
  expect(second.json.errors[0].code).toBe('actor_token_already_used_code');
  const sessionId: string = first.json.response.created_session_id;
  const { json } = await browserPost(`${on.baseUrl}/v1/client/sessions/${sessionId}/tokens`, {}, first.cookie);
  const keys = createRemoteJWKSet(new URL(`${on.baseUrl}/.well-known/jwks.json`));
  const [{ endpoint: issuer } = { endpoint: '' }] = (await emulator.inventory()).apis;
  const { payload } = await jwtVerify(json.jwt, keys, { issuer, algorithms: ['RS256'] });
  expect(payload).toMatchObject({ sub: user.id, sid: sessionId, act: actor });
  known.userId = user.id;
  known.sessionToken = json.jwt;
});

test('on the deployed tables a revoked token signs nobody in, and a used one cannot be revoked', async () => {
  const on = await served();
  const revoked = await clerk(on).actorTokens.create({ userId: known.userId, actor });
  const used = await clerk(on).actorTokens.create({ userId: known.userId, actor });
  const { status } = await clerk(on).actorTokens.revoke(revoked.id);

  expect(status).toBe('revoked');
  expect((await redeem(on.baseUrl, revoked.token)).json.errors[0].code).toBe('actor_token_revoked_code');
  expect((await redeem(on.baseUrl, used.token)).status).toBe(200);
  expect(await codeOf(clerk(on).actorTokens.revoke(used.id))).toBe('actor_token_cannot_be_revoked_code');
});

test('a second deployment without changes changes nothing', async () => {
  const before = await emulator.inventory();
  const { said } = await succeeded(npmRun('deploy', ...dev, ...unchecked, ...approved));

  expect(said).toContain('actor-tokens-dev (no changes)');
  expect(await emulator.inventory()).toEqual(before);
});

test('a deployment with another configuration changes the functions in place, and keeps data and keys', async () => {
  const before = await emulator.inventory();
  await deployed(...dev, ...unchecked, '-c', 'applicationName=Support');

  const after = await emulator.inventory();
  const { functions: _, ...others } = before;
  expect(after).toMatchObject(others);
  // The health check has no name of the app.
  const configured = before.functions.map(({ environment, ...fn }) => ({
    ...fn,
    environment: { ...environment, ...(environment.APPLICATION_NAME && { APPLICATION_NAME: 'Support' }) },
  }));
  expect(after.functions).toEqual(configured);
  const on = await served();
  const keys = createRemoteJWKSet(new URL(`${on.baseUrl}/.well-known/jwks.json`));
  await jwtVerify(known.sessionToken, keys, { clockTolerance: 600 });
  expect((await clerk(on).users.getUser(known.userId)).id).toBe(known.userId);
});

test('a raised generation kills the secret keys and tickets of the one before, and keeps the users', async () => {
  const { token } = await clerk(await served()).actorTokens.create({ userId: known.userId, actor });
  await deployed(...dev, ...unchecked, '-c', 'generation=2');

  const on = await served();
  expect(await codeOf(clerk(on).users.getUser(known.userId))).toBe('clerk_key_invalid');
  expect((await redeem(on.baseUrl, token)).status).toBe(400);
  const { tables } = await emulator.inventory();
  expect(tables.find(({ name }) => name.includes('UsersTable'))?.items).toBeGreaterThan(0);
});

test('a deployment from an old checkout is refused before anything is built, and revives nothing', async () => {
  const before = await emulator.inventory();

  const { status, said } = await npmRun('deploy', ...dev, ...unchecked, ...approved);

  expect(status, said).toBe(1);
  expect(said).toContain('generation is 2 in the deployed stack and 1 in this configuration.');
  expect(said).toContain('To deploy it all the same, add: --allow generation\n');
  expect(said).not.toContain('Synthesis time');
  expect(await emulator.inventory()).toEqual(before);
});

test('what is allowed by its name is deployed, and a lower generation revives what was ended', async () => {
  await deployed(...dev, ...unchecked, '--allow', 'generation');

  expect((await clerk(await served()).users.getUser(known.userId)).id).toBe(known.userId);
});

test('npm run destroy leaves nothing of dev but keys that are pending deletion', async () => {
  await succeeded(npmRun('destroy', ...dev, ...unchecked, '--force'));

  const { keys, ...left } = await emulator.inventory();
  const { keys: _, ...nothing } = empty;
  expect(left).toEqual(nothing);
  expect(new Set(keys.map(({ state }) => state))).toEqual(new Set(['PendingDeletion']));
});

test('a first deployment that fails leaves protected tables, and the lines of docs/deploy.md remove them', async () => {
  // A new account has too few execution environments to reserve any.
  const { status, said } = await npmRun('deploy', ...prod, ...unchecked, ...approved, '-c', 'revokeConcurrency=1');
  expect(status, said).toBe(1);
  const { tables, ...left } = await emulator.inventory();
  expect(tables.filter(({ protected: isProtected }) => isProtected)).toHaveLength(Object.keys(tableDefinitions).length);
  expect({ ...left, stacks: [], keys: [] }).toEqual({ ...empty, tables: undefined, stacks: [], keys: [] });
  expect(new Set(left.keys.map(({ state }) => state))).toEqual(new Set(['PendingDeletion']));
  const cli = dirname(await emulatorPython());
  const script = await shellBelow('docs/deploy.md', 'A first deployment that failed');

  await succeeded(command(account, 'bash', '-euo', 'pipefail', '-c', `PATH=${cli}:$PATH\n${script}`));

  const { stacks, tables: kept } = await emulator.inventory();
  expect({ stacks, kept }).toEqual({ stacks: empty.stacks, kept: [] });
});

test('npm run destroy is refused for prod', async () => {
  const { ApiUrl } = await deployed(...prod, ...unchecked);
  const before = await emulator.inventory();
  expect([ApiUrl, before.domains]).toEqual(['https://clerk.example.com', ['clerk.example.com']]);

  const { said } = await npmRun('destroy', ...prod, ...unchecked, '--force');

  expect(said).toContain('TerminationProtection is enabled');
  expect(await emulator.inventory()).toEqual(before);
});

test('the lines of docs/restore.md restore the tables, and give them what the own ones have', async () => {
  const own = (await emulator.inventory()).tables;
  const printed = await Promise.all(
    ['1. Restore', '2. Set up what a restore leaves out'].map((heading) => shellBelow('docs/restore.md', heading)),
  );
  // Of the tables one whose items expire and one whose items do not: the AWS CLI takes two seconds a call.
  const chosen = ['Sessions', 'SecretKeys'];
  const script = printed
    .join('\n')
    .replace(/^AT=\S+/m, `AT=${new Date().toISOString()}`)
    .replace(/^TABLES=\(.+?\)/m, `TABLES=(${chosen.join(' ')})`);
  const cli = dirname(await emulatorPython());

  await succeeded(command(account, 'bash', '-euo', 'pipefail', '-c', `PATH=${cli}:$PATH\n${script}`));

  const restored = new Map((await emulator.inventory()).tables.map((table) => [table.name, table]));
  for (const name of chosen) {
    const ownTable = own.find((table) => table.name.includes(`${name}Table`));
    expect(restored.get(`actor-tokens-prod-${name}-g2`)).toEqual({
      ...ownTable,
      name: `actor-tokens-prod-${name}-g2`,
    });
  }
});

test('even without that protection prod keeps its tables, keys and logs', async () => {
  const before = await emulator.inventory();
  const cloudFormation = new CloudFormationClient({
    endpoint: emulator.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'emulator', secretAccessKey: 'emulator' },
  });
  const unprotected = { StackName: 'actor-tokens-prod', EnableTerminationProtection: false };
  await cloudFormation.send(new UpdateTerminationProtectionCommand(unprotected));
  await succeeded(npmRun('destroy', ...prod, ...unchecked, '--force'));

  const { stacks, tables, keys, logGroups, functions, apis, domains } = await emulator.inventory();
  expect([stacks, functions, apis, domains]).toEqual([empty.stacks, [], [], []]);
  expect({ tables, keys, logGroups }).toEqual({
    tables: before.tables,
    keys: before.keys,
    logGroups: before.logGroups,
  });
  expect(tables.every(({ protected: isProtected, recoverable }) => isProtected && recoverable)).toBe(true);
});
