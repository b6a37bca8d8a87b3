// `npm run signing-keys` against a stack; its rules are in test/unit/signing-keys.test.ts.
import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { calculateJwkThumbprint } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { withMember } from '../../cdk/commands/signing-keys/config-edit.ts';
import { deployCommand } from '../../cdk/commands/signing-keys/hints.ts';
import { signingKeys } from '../../cdk/commands/signing-keys.ts';
import { findDeployedTarget } from '../../cdk/commands/target.ts';
import { send } from '../support/http-browser.ts';
import { aDirectory } from './a-directory.ts';
import { execute, stubAws } from './execute.ts';
import { type Ended, LOCAL } from './run.ts';
import { DEPLOYED, startStackWithKeys } from './stack-with-keys.ts';

let stack: Awaited<ReturnType<typeof startStackWithKeys>>;

beforeAll(async () => {
  stack = await startStackWithKeys();
});

afterAll(() => stack.stop());

beforeEach(() => void Object.assign(stack.deployed, DEPLOYED));

const FILE = `{
  "allowedOrigins": ["https://a.example",  "https://b.example"],
  "stage": "dev",
  "applicationName": "An \\"example\\" {}"
}
`;

interface Lists {
  readonly session?: readonly number[];
  readonly ticket?: readonly number[];
}

interface Project {
  readonly file: string;
  readonly execute: (...args: readonly string[]) => Promise<Ended>;
  readonly configured: () => Promise<string>;
}

/** A configuration file with these lists, which were deployed some minutes ago. */
async function project({ session, ticket }: Lists = {}, minutesAgo = 60): Promise<Project> {
  const { deployed, env } = stack;
  if (session) Object.assign(deployed, { session, served: session });
  if (ticket) deployed.ticket = ticket;
  deployed.minutesAgo = minutesAgo;
  const withSession = session ? withMember(FILE, 'sessionKeys', session) : FILE;
  const text = ticket ? withMember(withSession, 'ticketKeys', ticket) : withSession;
  const file = `${await aDirectory({ 'actor-tokens.json': text })}/actor-tokens.json`;
  return {
    file,
    execute: (...args) => execute(signingKeys, [...args, '--config', file], env),
    configured: () => readFile(file, 'utf8'),
  };
}

describe('publish', () => {
  test('publish adds a key behind the one that signs, keeps the rest of the file and prints what is next', async () => {
    const { execute: run, configured, file } = await project();

    expect(await run('publish', 'session')).toEqual({
      status: 0,
      stderr: '',
      stdout: [
        `${file}: sessionKeys was [1] and is [1, 2].`,
        `Next, deploy stack actor-tokens-dev (us-east-1): npm run deploy -- -c config=${file} -c stage=dev`,
        'Then wait 20 minutes and run: npm run signing-keys -- sign session (with the same options)',
        '',
      ].join('\n'),
    });
    expect(await configured()).toBe(FILE.replace('{}"\n', '{}",\n  "sessionKeys": [\n    1,\n    2\n  ]\n'));
  });

  test('publish ticket waits for nothing but the deployment', async () => {
    const { execute: run } = await project();

    expect((await run('publish', 'ticket', '--stage', 'dev')).stdout).toContain(
      '\nThen run: npm run signing-keys -- sign ticket (with the same options)\n',
    );
  });

  test('a step that is not allowed ends with 1 and changes nothing', async () => {
    const { execute: run, configured } = await project();
    stack.deployed.session = [1, 2];

    expect(await run('publish', 'session')).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^The configuration file has the session keys \[1\], and the stack has \[1, 2\]: /),
    });
    expect(await configured()).toBe(FILE);
  });

  test('a step is refused while a deployment is in progress', async () => {
    const { execute: run } = await project();
    stack.deployed.status = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';

    expect(await run('publish', 'ticket')).toMatchObject({
      status: 1,
      stderr:
        'The stack actor-tokens-dev is UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: wait until its deployment has ended, or repair it.\n',
    });
  });
});

describe('an instance that is a construct of another app', () => {
  const run = (...args: readonly string[]) =>
    execute(signingKeys, [...args, '--stack', 'Support', '--region', 'us-east-1'], stack.env);

  test('publish changes no file, and prints the prop to change and what to run next', async () => {
    Object.assign(stack.deployed, { construct: 'ActorTokens', stackName: 'Support-ActorTokens' });

    expect(await run('publish', 'session')).toEqual({
      status: 0,
      stderr: '',
      stdout: [
        'In your app, change the props of ActorTokens "ActorTokens": sessionKeys: [1, 2], which is [1] in the stack.',
        'Next, deploy instance ActorTokens of stack Support (us-east-1): npx cdk synth --quiet && npx actor-tokens check-deploy --stack Support --region us-east-1 ' +
          '&& npx cdk deploy --app cdk.out Support',
        'Then wait 20 minutes and run: npm run signing-keys -- sign session (with the same options)',
        '',
      ].join('\n'),
    });
  });

  test('replace prints the option that its deployment needs', async () => {
    Object.assign(stack.deployed, { construct: 'ActorTokens', stackName: 'Support-ActorTokens' });

    expect((await run('replace', 'ticket', '--emergency')).stdout).toContain('--stack Support --allow ticketKeys ');
  });
});

describe('sign', () => {
  test('sign moves the new key to the front when every verifier knows it', async () => {
    const { execute: run, configured } = await project({ session: [1, 2] }, 21);

    const { status, stdout } = await run('sign', 'session');

    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('was [1, 2] and is [2, 1].'),
    });
    expect(JSON.parse(await configured()).sessionKeys).toEqual([2, 1]);
    expect(stdout).toContain(
      'Then wait 15 minutes and run: npm run signing-keys -- retire session (with the same options)',
    );
  });

  test('sign is refused before verifiers have read the new key, and changes nothing', async () => {
    const { execute: run, configured } = await project({ session: [1, 2] }, 12);

    expect(await run('sign', 'session')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/: wait 8 minutes and try again\.\n$/),
    });
    expect(JSON.parse(await configured()).sessionKeys).toEqual([1, 2]);
  });

  test('sign is refused while the JWKS lacks the new key', async () => {
    const { execute: run } = await project({ session: [1, 2] });
    stack.deployed.served = [1];

    const { status, stderr } = await run('sign', 'session');

    expect(status).toBe(1);
    expect(stderr).toMatch(/^The session key 2 is not in the JWKS: .*\.\n$/);
  });

  test('sign ticket is allowed right after the deployment of the new key', async () => {
    const { execute: run } = await project({ ticket: [1, 2] }, 0);

    const { status, stdout } = await run('sign', 'ticket');

    expect(status).toBe(0);
    expect(stdout).toContain(
      'Then wait 1 day, 1 hour, and 5 minutes and run: npm run signing-keys -- retire ticket (with the same options)',
    );
  });
});

describe('retire', () => {
  test('retire drops the old key when nothing depends on it, and names it in KMS', async () => {
    const { execute: run, configured } = await project({ session: [2, 1] }, 16);

    const { status, stdout } = await run('retire', 'session');

    expect(status).toBe(0);
    expect(JSON.parse(await configured()).sessionKeys).toEqual([2]);
    expect(stdout).toContain('The old key 1 is the KMS key session-1 (Enabled).\n');
  });

  test('retire waits for the longest ticket life of the stack and the longest session after it', async () => {
    const { execute: run } = await project({ ticket: [2, 1] }, 25 * 60);

    expect(await run('retire', 'ticket')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/: wait 5 minutes and try again\. .* --signing-since <ISO time>\.\n$/),
    });
  });

  test('retire counts from --signing-since, however often the stack was deployed after that time', async () => {
    const { execute: run } = await project({ ticket: [2, 1] }, 1);
    const since = new Date(Date.now() - (25 * 60 + 6) * 60_000).toISOString();

    const { status, stdout, stderr } = await run('retire', 'ticket', '--signing-since', since);

    expect(status, stderr).toBe(0);
    expect(stdout).toContain('ticketKeys was [2, 1] and is [2].');
  });

  test('retire refuses a --signing-since in the future as a usage error, and changes nothing', async () => {
    const { execute: run, configured } = await project({ ticket: [2, 1] }, 1);
    const since = new Date(Date.now() + 2 * 60_000).toISOString();

    expect(await run('retire', 'ticket', '--signing-since', since)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^--signing-since is in the future: /),
    });
    expect(JSON.parse(await configured()).ticketKeys).toEqual([2, 1]);
  });
});

describe('replace', () => {
  test('replace makes a new key the only one, even after a failed deployment, and prints what that costs', async () => {
    const { execute: run } = await project({ session: [1, 2] }, 0);
    stack.deployed.status = 'UPDATE_ROLLBACK_FAILED';

    const { status, stdout, stderr } = await run('replace', 'session', '--emergency');

    expect(status).toBe(0);
    expect(stderr).toContain('for up to 15 minutes more');
    expect(stdout).toContain('was [1, 2] and is [3].');
    expect(stdout).toContain('npm run deploy -- --allow sessionKeys -c config=');
    expect(stdout).toContain(
      'The old key 1 is the KMS key session-1 (Enabled).\nThe old key 2 is the KMS key session-2',
    );
  });

  test('replace never chooses a key that the stack has, whatever the file has', async () => {
    const { execute: run, configured } = await project();
    stack.deployed.session = [1, 2];

    expect(await run('replace', 'session', '--emergency')).toMatchObject({ status: 0 });
    expect(JSON.parse(await configured()).sessionKeys).toEqual([3]);
  });

  test('replace without --emergency only prints what it would cost', async () => {
    const { execute: run, configured } = await project();

    const { status, stderr } = await run('replace', 'ticket');

    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^Every pending actor token becomes invalid: .*\nTo do so, run "replace ticket --emergency"\./,
    );
    expect(await configured()).toBe(FILE);
  });
});

test('status shows which keys sign and verify, whether they are published, and the next step', async () => {
  const { execute: run } = await project({ session: [1, 2] });

  const { status, stdout } = await run('status');

  expect(status).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'session  1  signs     in the JWKS  Enabled  session-1',
    'session  2  verifies  in the JWKS  Enabled  session-2',
    'Next: npm run signing-keys -- sign session (with the same options)',
    expect.stringMatching(/^ticket {2}1 {2}signs +Enabled {2}ticket-1$/),
    'No rotation is in progress.',
    '',
  ]);
});

/** Returns the ids that the keys of a PEM text have in a JWKS. */
function kidsIn(pem: string): Promise<readonly string[]> {
  const blocks = pem.match(/-----BEGIN PUBLIC KEY-----\n[\w+/=\n]+\n-----END PUBLIC KEY-----\n/g) ?? [];
  return Promise.all(blocks.map((block) => calculateJwkThumbprint(createPublicKey(block).export({ format: 'jwk' }))));
}

describe('pem', () => {
  test('pem prints nothing but the key of the JWKS on stdout, and what it is on stderr', async () => {
    const { status, stdout, stderr } = await execute(signingKeys, ['pem', ...LOCAL]);
    const jwks = await send('GET', '/.well-known/jwks.json');

    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(/^The public key of the session tokens of the local run in .*\.\n$/),
    });
    expect(stdout).toMatch(/^-----BEGIN PUBLIC KEY-----\n[\w+/=\n]+\n-----END PUBLIC KEY-----\n$/);
    expect(await kidsIn(stdout)).toEqual(jwks.json.keys.map(({ kid }: { readonly kid: string }) => kid));
  });

  test('pem prints every session key that verifies, the one that signs first, and no ticket key', async () => {
    const { execute: run } = await project({ session: [2, 1], ticket: [1, 2] });
    const { stdout: first } = await (await project({ session: [2] })).execute('pem');
    Object.assign(stack.deployed, { session: [2, 1] });

    const { status, stdout, stderr } = await run('pem');

    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(
        /^The 2 public keys of the session tokens of stack actor-tokens-dev \(us-east-1\): /,
      ),
    });
    expect(stdout.startsWith(first)).toBe(true);
    expect(new Set(await kidsIn(stdout)).size).toBe(2);
  });

  test('pem ends with 1 and prints no key when one of them is out of service', async () => {
    const { execute: run } = await project();
    stack.deployed.session = [1, 7];

    expect(await run('pem')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^A signing key is out of service \(.*session-7.*\): "npm run signing-keys -- status" shows /,
      ),
    });
  });
});

test.each([
  [
    'with the deployed stage, which differs from that of the file',
    { stage: 'prod', stackName: 'actor-tokens-prod' },
    { stage: 'prod' },
    'npm run deploy -- -c stage=prod',
  ],
  [
    'with its name and its stage after --stack',
    { stage: 'prod', stackName: 'actor-tokens-prod' },
    { stack: 'actor-tokens-prod' },
    'npm run deploy -- -c stage=prod -c stackName=actor-tokens-prod',
  ],
  [
    'with its name when the stage leads to another stack',
    { stage: 'prod', stackName: 'actor-tokens-dev' },
    {},
    'npm run deploy -- -c stage=prod -c stackName=actor-tokens-dev',
  ],
  ['in the Region of --region', {}, { region: 'eu-west-1' }, 'AWS_REGION=eu-west-1 npm run deploy -- -c stage=dev'],
])('the printed command deploys the same stack %s', async (_, deployed, choice, command) => {
  Object.assign(stack.deployed, deployed);
  stubAws(stack.env);

  const target = await findDeployedTarget(choice).finally(vi.unstubAllEnvs);

  expect(deployCommand(choice, target)).toBe(command);
});
