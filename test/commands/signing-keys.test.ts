import { execFile } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { calculateJwkThumbprint } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withMember } from '../../cdk/commands/signing-keys/config-edit.ts';
import { startKms } from '../../local/aws/kms/kms.ts';
import { listenLocally, readAll } from '../../local/aws/server.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { described } from './deployed-stack.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const MINUTE = 60_000;
const STACK = 'actor-tokens-dev';
const STACK_ID = `arn:aws:cloudformation:us-east-1:123456789012:stack/${STACK}/1`;

/** What is deployed, as the AWS endpoints of the test tell it. */
const deployed = {
  stage: 'dev',
  stackName: STACK,
  session: [1] as readonly number[],
  ticket: [1] as readonly number[],
  status: 'UPDATE_COMPLETE',
  minutesAgo: 60,
  /** Session keys in the JWKS. */
  served: [1] as readonly number[],
};

let project: string;
let environment: NodeJS.ProcessEnv;
const stops: (() => Promise<unknown>)[] = [];

function xml(operation: string, result: string): string {
  return `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`;
}

function cloudFormationAnswer(operation: string, url: string): string {
  const at = new Date(Date.now() - deployed.minutesAgo * MINUTE).toISOString();
  if (operation === 'DescribeStackEvents') {
    const event = (id: string, status: string) =>
      `<member><StackId>${STACK_ID}</StackId><EventId>${id}</EventId><StackName>${STACK}</StackName>` +
      `<PhysicalResourceId>${id}</PhysicalResourceId><ResourceStatus>${status}</ResourceStatus><Timestamp>${at}</Timestamp></member>`;
    const events = `${event('a-function', 'UPDATE_COMPLETE')}${event(STACK_ID, deployed.status)}${event(STACK_ID, 'UPDATE_IN_PROGRESS')}`;
    return xml(operation, `<StackEvents>${events}</StackEvents>`);
  }
  const ids = (kind: 'session' | 'ticket') => deployed[kind].map((number) => `${kind}-${number}`).join(',');
  const outputs = {
    ApiUrl: url,
    FrontendApiUrl: url,
    Issuer: url,
    JwksUrl: `${url}/.well-known/jwks.json`,
    PublishableKey: 'pk_live_YSQ',
    Stage: deployed.stage,
    InstanceId: 'ins_0123456789abcdefghijABCDEFG',
    Generation: '1',
    ApplicationName: 'Actor Tokens',
    AuditRetentionDays: '400',
    MaxTicketLifeInSeconds: '3600',
    MaxSessionDurationInSeconds: '3600',
    TicketKeyIds: ids('ticket'),
    SessionKeyIds: ids('session'),
    ...Object.fromEntries(
      ['ActorTokens', 'Sessions', 'Clients', 'Users', 'SecretKeys'].map((name) => [`${name}Table`, name]),
    ),
  };
  return described(outputs).body;
}

async function startAws(directory: string): Promise<NodeJS.ProcessEnv> {
  const ids = ['session', 'ticket'].flatMap((kind) => [1, 2].map((number) => `${kind}-${number}`));
  const local = await startKms(directory, ids);
  const kms = await startFaultProxy(local.endpoint);
  kms.hurt({ operation: 'ListAliases' }, ({ body, answer }) => {
    const alias = `alias/${deployed.stackName}/${String(body.KeyId).replace(/-1$/, '')}`;
    answer({ status: 200, headers: {}, body: Buffer.from(JSON.stringify({ Aliases: [{ AliasName: alias }] })) });
  });

  const kidOf = async (number: number) =>
    calculateJwkThumbprint(
      createPublicKey(await readFile(join(directory, `session-${number}.pem`))).export({ format: 'jwk' }),
    );

  const server = createServer(async (request, response) => {
    const body = (await readAll(request)).toString();
    if (request.method === 'POST') {
      const operation = new URLSearchParams(body).get('Action') ?? '';
      response.setHeader('content-type', 'text/xml').end(cloudFormationAnswer(operation, endpoint));
      return;
    }
    const keys = await Promise.all(deployed.served.map(async (number) => ({ kid: await kidOf(number) })));
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  });
  const { endpoint, stop } = await listenLocally(server, 0);
  stops.push(stop, kms.stop, local.stop);
  return {
    PATH: process.env.PATH,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint,
    AWS_ENDPOINT_URL_KMS: kms.endpoint,
  };
}

const CONFIG_FILE = `{
  "allowedOrigins": ["https://a.example",  "https://b.example"],
  "stage": "dev",
  "applicationName": "An \\"example\\" {}"
}
`;

const configured = () => readFile(join(project, 'actor-tokens.json'), 'utf8');

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'actor-tokens-rotate-'));
  for (const folder of ['cdk', 'shared', 'functions', 'local'])
    await cp(join(root, folder), join(project, folder), { recursive: true });
  for (const file of ['package.json', 'cdk.json']) await cp(join(root, file), join(project, file));
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
  environment = await startAws(join(project, 'keys'));
});

afterAll(async () => {
  for (const stop of stops) await stop();
  await rm(project, { recursive: true, force: true });
});

beforeEach(async () => {
  Object.assign(deployed, {
    stage: 'dev',
    stackName: STACK,
    session: [1],
    ticket: [1],
    status: 'UPDATE_COMPLETE',
    minutesAgo: 60,
    served: [1],
  });
  await writeFile(join(project, 'actor-tokens.json'), CONFIG_FILE);
});

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const command = [join(project, 'cdk/commands/signing-keys.ts'), ...args];
    const child = execFile(process.execPath, command, { cwd: project, env: environment }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

/** As after a deployment that ended then. */
async function deploy(lists: { session?: readonly number[]; ticket?: readonly number[] }, minutesAgo: number) {
  Object.assign(deployed, lists, { minutesAgo, served: lists.session ?? deployed.served });
  let text = await configured();
  if (lists.session) text = withMember(text, 'sessionKeys', lists.session);
  if (lists.ticket) text = withMember(text, 'ticketKeys', lists.ticket);
  await writeFile(join(project, 'actor-tokens.json'), text);
}

describe('publish', () => {
  test('adds the next number behind the key that signs, and changes nothing else of the file', async () => {
    const { code, out } = await run('publish', 'session');

    expect(code).toBe(0);
    expect(await configured()).toBe(CONFIG_FILE.replace('{}"\n', '{}",\n  "sessionKeys": [\n    1,\n    2\n  ]\n'));
    expect(out).toContain('sessionKeys was [1] and is [1, 2].');
    expect(out).toContain(': npm run deploy -- -c stage=dev\n');
    expect(out).toContain('wait 20 minutes, then: sign session');
  });

  test('is refused while a rotation is under way', async () => {
    await deploy({ session: [1, 2] }, 60);

    expect(await run('publish', 'session')).toMatchObject({
      code: 1,
      err: 'A rotation of session keys is under way, with [1, 2]: go on with "sign session".\n',
    });
  });

  test('is refused while the configuration file and the stack differ', async () => {
    deployed.session = [1, 2];

    expect(await run('publish', 'session')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^The configuration file has the session keys \[1\] and the stack \[1, 2\]: .*\.\n$/),
    });
  });

  test('is refused while a deployment is under way', async () => {
    deployed.status = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';

    const { code, err } = await run('publish', 'ticket');

    expect(code).toBe(1);
    expect(err).toContain('is UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: wait for its deployment to end');
  });

  test('of a ticket key needs no wait but the deployment', async () => {
    const { out } = await run('publish', 'ticket', '--stage', 'dev');

    expect(out).toContain('npm run deploy -- -c stage=dev\nthen at once: sign ticket.\n');
  });
});

test.each([
  [
    'with the stage that is deployed, not the one of the file',
    'prod',
    'actor-tokens-prod',
    ['--stage', 'prod'],
    'npm run deploy -- -c stage=prod',
  ],
  [
    'of a named stack with its own stage',
    'prod',
    'actor-tokens-prod',
    ['--stack', 'actor-tokens-prod'],
    'npm run deploy -- -c stage=prod -c stackName=actor-tokens-prod',
  ],
  [
    'with its name where the stage would lead to another stack',
    'prod',
    STACK,
    [],
    'npm run deploy -- -c stage=prod -c stackName=actor-tokens-dev',
  ],
  [
    'in the named Region',
    'dev',
    STACK,
    ['--region', 'eu-west-1'],
    'AWS_REGION=eu-west-1 npm run deploy -- -c stage=dev',
  ],
])('the command to run next deploys the same stack, %s', async (_how, stage, stackName, args, command) => {
  deployed.stage = stage;
  deployed.stackName = stackName;

  const { code, out, err } = await run('publish', 'session', ...args);

  expect(code, err).toBe(0);
  expect(out).toMatch(/^Next, for the stack .*$/m);
  expect(/^Next, for [^:]*: (.*)$/m.exec(out)?.[1]).toBe(command);
});

describe('sign', () => {
  test('moves the new key to the front when every verifier knows it', async () => {
    await deploy({ session: [1, 2] }, 21);

    const { code, out } = await run('sign', 'session');

    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('was [1, 2] and is [2, 1].') });
    expect(JSON.parse(await configured()).sessionKeys).toEqual([2, 1]);
    expect(out).toContain('wait 15 minutes, then: retire session');
  });

  test.each([
    ['before the wait is over', { session: [1, 2] }, 12, /until \S+Z: wait 8 minutes and try again\.\n$/],
    ['without a new key', { session: [1] }, 60, /^There is no new session key to sign with: begin with "publish/],
    ['twice', { session: [2, 1] }, 60, /^The session key 2 signs already: go on with "retire session"\.\n$/],
  ])('is refused %s', async (_when, lists, minutesAgo, sentence) => {
    await deploy(lists, minutesAgo);
    const before = await configured();

    expect(await run('sign', 'session')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(sentence) });
    expect(await configured()).toBe(before);
  });

  test('is refused while the JWKS does not serve the new key', async () => {
    await deploy({ session: [1, 2] }, 60);
    deployed.served = [1];

    const { code, err } = await run('sign', 'session');

    expect(code).toBe(1);
    expect(err).toMatch(/^The JWKS does not serve the session key 2: .*\.\n$/);
  });

  test('takes a new ticket key right after its deployment', async () => {
    await deploy({ ticket: [1, 2] }, 0);

    const { code, out } = await run('sign', 'ticket');

    expect(code).toBe(0);
    expect(out).toContain('wait 1 hour and 5 minutes, then: retire ticket');
  });
});

describe('retire', () => {
  test('drops the old key when nothing depends on it any more, and names it in KMS', async () => {
    await deploy({ session: [2, 1] }, 16);

    const { code, out } = await run('retire', 'session');

    expect(code).toBe(0);
    expect(JSON.parse(await configured()).sessionKeys).toEqual([2]);
    expect(out).toContain('The old key 1 is the KMS key session-1 (Enabled).');
  });

  test.each([
    [
      'of a ticket key while tickets of the old one can be redeemed',
      'ticket',
      { ticket: [2, 1] },
      60,
      /wait 5 minutes/,
    ],
    ['of a session key while sessions depend on the old one', 'session', { session: [2, 1] }, 10, /wait 5 minutes/],
    [
      'right after another deployment, and says how to tell since when the new key signs',
      'ticket',
      { ticket: [2, 1] },
      1,
      /If the new key has signed for longer, say since when: --signing-since <ISO time>\.\n$/,
    ],
    ['before the new key signs', 'session', { session: [1, 2] }, 60, /go on with "sign session"/],
    ['of the only key', 'session', { session: [1] }, 60, /^There is no old session key to retire/],
  ])('is refused %s', async (_when, kind, lists, minutesAgo, sentence) => {
    await deploy(lists, minutesAgo);

    expect(await run('retire', kind)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(sentence) });
  });
});

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * MINUTE).toISOString();

describe('retire --signing-since', () => {
  test('counts from when the new key began to sign, however often was deployed since', async () => {
    await deploy({ ticket: [2, 1] }, 1);

    const { code, out, err } = await run('retire', 'ticket', '--signing-since', minutesAgo(66));

    expect(code, err).toBe(0);
    expect(out).toContain('ticketKeys was [2, 1] and is [2].');
  });

  test.each([
    [
      'less than the wait ago',
      60,
      1,
      /^The new ticket key signs since \S+, and tickets .*: wait 5 minutes and try again\.\n$/,
    ],
    [
      'after the last deployment, from which the wait counts then',
      0,
      60,
      /^The stack was last deployed at .*: wait 5 minutes/,
    ],
  ])('does not shorten the wait: %s', async (_when, since, deployedMinutesAgo, sentence) => {
    await deploy({ ticket: [2, 1] }, deployedMinutesAgo);

    const { code, err } = await run('retire', 'ticket', '--signing-since', minutesAgo(since));

    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(sentence) });
  });

  test.each([
    ['is no time', 'yesterday'],
    ['is no time', '1'],
    ['is no time', '2026-05-03'],
    ['is no time', '2026-05-03T09:12:40'],
    ['is no time', '2026-02-30T09:12:40Z'],
    ['is in the future', minutesAgo(-2)],
  ])('%s: %s is refused as a wrong usage', async (why, since) => {
    await deploy({ ticket: [2, 1] }, 1);

    const { code, err } = await run('retire', 'ticket', '--signing-since', since);

    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(`--signing-since ${why}: write `) });
    expect(JSON.parse(await configured()).ticketKeys).toEqual([2, 1]);
  });

  test('is for retire alone', async () => {
    expect(await run('sign', 'ticket', '--signing-since', minutesAgo(66))).toMatchObject({ code: 2 });
  });
});

describe('replace', () => {
  test('makes a new key the only one at once, and says what that costs', async () => {
    await deploy({ session: [1, 2] }, 0);
    deployed.status = 'UPDATE_ROLLBACK_FAILED';

    const { code, out, err } = await run('replace', 'session', '--emergency');

    expect(code).toBe(0);
    expect(err).toContain('for up to 15 minutes more');
    expect(out).toContain('was [1, 2] and is [3].');
    expect(out).toContain('The old key 1 is the KMS key session-1 (Enabled).\nThe old key 2 is the KMS key session-2');
  });

  test('never takes a key that the stack has, whatever the file says', async () => {
    deployed.session = [1, 2];

    expect(await run('replace', 'session', '--emergency')).toMatchObject({ code: 0 });
    expect(JSON.parse(await configured()).sessionKeys).toEqual([3]);
  });

  test('is only said what it costs unless it is an emergency', async () => {
    const { code, err } = await run('replace', 'ticket');

    expect(code).toBe(2);
    expect(err).toContain('Every pending actor token dies');
    expect(await configured()).toBe(CONFIG_FILE);
  });
});

test('status shows what signs and what verifies, and what to do next', async () => {
  await deploy({ session: [1, 2] }, 60);

  const { code, out } = await run('status');

  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    'session  1  signs     in the JWKS  Enabled  session-1',
    'session  2  verifies  in the JWKS  Enabled  session-2',
    'Next: sign session',
    expect.stringMatching(/^ticket {2}1 {2}signs +Enabled {2}ticket-1$/),
    'No rotation is under way.',
    '',
  ]);
});

test.each([
  [[], /Say what to do/],
  [['publish'], /Say which kind of key: "publish session" or "publish ticket"\./],
  [['publish', 'sessions'], /Say which kind of key/],
  [['publish', 'session', '--local'], /--local/],
])('%j is called in a wrong way', async (args, sentence) => {
  expect(await run(...args)).toMatchObject({ code: 2, err: expect.stringMatching(sentence) });
});
