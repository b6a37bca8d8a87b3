// Which instance a command works on, and one sentence for each way in which it cannot.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { DAY_IN_SECONDS, MINUTE_IN_SECONDS } from '../../shared/base/time.ts';
import { send } from '../support/http-browser.ts';
import { deployedStack, described, outputsOfRunningStack, refused } from './deployed-stack.ts';
import { LOCAL, run } from './run.ts';

function sentence(text: string | RegExp) {
  const stderr = typeof text === 'string' ? `${text}\n` : expect.stringMatching(text);
  return { status: 1, stdout: '', stderr };
}

/** A directory in which a local run tells of itself, if it does. */
async function directoryOf(instance: object | undefined): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'actor-tokens-command-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  if (instance) await writeFile(join(dir, 'instance.json'), JSON.stringify(instance));
  return dir;
}

test('a key made for a deployed stack works with its API', async () => {
  const { env } = await deployedStack();

  const { status, stdout } = await run('secret-key', ['create', '--name', 'deployed'], { env });

  expect(status).toBe(0);
  const headers = { authorization: `Bearer ${stdout.trim()}` };
  expect(await send('GET', '/v1/users/count', { headers })).toMatchObject({ status: 200 });
});

describe('which stack is asked for', () => {
  test.each([
    ['the configured one', [], {}, 'us-east-1 actor-tokens-dev'],
    ['the one of a stage', ['--stage', 'prod'], {}, 'us-east-1 actor-tokens-prod'],
    ['a named one', ['--stack', 'other'], {}, 'us-east-1 other'],
    ['one in a named Region', ['--region', 'eu-west-1'], {}, 'eu-west-1 actor-tokens-dev'],
    [
      'one in the Region of the AWS CLI',
      [],
      { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-north-1' },
      'eu-north-1 actor-tokens-dev',
    ],
  ])('%s', async (_, args, env, expected) => {
    const stack = await deployedStack(refused(400, 'ValidationError', 'Stack with id x does not exist'));

    await run('users', ['list', ...args], { env: { ...stack.env, ...env } });

    expect(stack.asked).toEqual([expected]);
  });
});

test('a stack of another stage than was asked for is left alone', async () => {
  const { env } = await deployedStack(described({ ...outputsOfRunningStack(), Stage: 'prod' }));

  const ended = await run('secret-key', ['create', '--name', 'of dev', '--stage', 'dev'], { env });

  expect(ended).toEqual({
    status: 1,
    stdout: '',
    stderr:
      'The stack actor-tokens-dev in us-east-1 is of the stage prod, not dev: leave out --stage, or name another with --stack.\n',
  });
});

describe('one sentence says why a stack cannot be worked on, and what to do', () => {
  const denied =
    'User: arn:aws:iam::1:user/a is not authorized to perform: cloudformation:DescribeStacks on resource: x';

  test.each([
    [
      'there is none of that name',
      refused(400, 'ValidationError', 'Stack with id actor-tokens-dev does not exist'),
      'There is no stack actor-tokens-dev in us-east-1: name it with --stack, its Region with --region and its account with AWS_PROFILE, or deploy it with "npm run deploy".',
    ],
    [
      'no stack can have that name',
      refused(400, 'ValidationError', "1 validation error detected: Value at 'stackName' failed to satisfy constraint"),
      /^There is no stack actor-tokens-dev in us-east-1: name it with --stack/,
    ],
    [
      'it is not ours',
      described({ WebsiteUrl: 'https://example.com' }),
      /^The stack actor-tokens-dev in us-east-1 is not one of Actor Tokens, or of an older version: it has no output \w+\. Name another with --stack, or deploy it again with "npm run deploy"\.\n$/,
    ],
    [
      'it is of an older version',
      described({ ...outputsOfRunningStack(), Generation: '' }),
      /it has no output Generation\. .* deploy it again/,
    ],
    [
      'the credentials have expired',
      refused(403, 'ExpiredToken', 'The security token included in the request is expired'),
      /^Your AWS credentials have expired: sign in again .*\n$/,
    ],
    [
      'the credentials are wrong',
      refused(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.'),
      /^AWS does not accept your credentials: .*\n$/,
    ],
    [
      'the credentials are not allowed to',
      refused(403, 'AccessDenied', denied),
      /^Your AWS credentials do not allow cloudformation:DescribeStacks: .*\n$/,
    ],
  ])('%s', async (_, reply, expected) => {
    const { env } = await deployedStack(reply);

    expect(await run('secret-key', ['list'], { env })).toEqual(sentence(expected));
  });

  test('there are no credentials', async () => {
    const ended = await run('secret-key', ['list', '--region', 'eu-west-1']);

    expect(ended).toEqual(sentence(/^There are no AWS credentials that work: sign in .*\n$/));
  });

  test('there is no Region', async () => {
    expect(await run('secret-key', ['list'])).toEqual(
      sentence('There is no AWS Region: name it with --region or AWS_REGION, or set it in your profile.'),
    );
  });

  test('AWS does not answer', async () => {
    const { env } = await deployedStack();
    const ended = await run('secret-key', ['list'], {
      env: { ...env, AWS_ENDPOINT_URL_CLOUDFORMATION: 'http://127.0.0.1:1' },
    });

    expect(ended).toEqual(
      sentence('CloudFormation does not answer: check the network and the Region, then try again.'),
    );
  });

  test('its tables are gone', async () => {
    const { env } = await deployedStack(described({ ...outputsOfRunningStack(), SecretKeysTable: 'Gone' }));

    expect(await run('secret-key', ['list'], { env })).toEqual(
      sentence('DynamoDB has no such table or key: deploy the stack again, or check --stack and --region.'),
    );
  });
});

describe('the local run', () => {
  test('is worked on whatever the caller has of AWS', async () => {
    const env = { AWS_PROFILE: 'nobody', AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' };

    expect(await run('users', ['list', '--limit', '1', ...LOCAL], { env })).toMatchObject({ status: 0, stderr: '' });
  });

  test('may be named as "npm start" is told', async () => {
    const env = { LOCAL_DIR: inject('stack').dir };

    expect(await run('users', ['list', '--limit', '1', '--local'], { env })).toMatchObject({ status: 0, stderr: '' });
  });

  test('has a clock of its own, which a command goes by', async () => {
    const { baseUrl, environment } = inject('stack');
    const told = { baseUrl, frontendApiUrl: baseUrl, clockOffsetSeconds: DAY_IN_SECONDS, environment };
    const dir = await directoryOf(told);
    const tomorrow = Date.now() + DAY_IN_SECONDS * 1000;

    const { stdout } = await run('secret-key', ['create', '--name', 'clock', '--json', '--local', '--dir', dir]);

    const createdAt = Date.parse(JSON.parse(stdout).created_at);
    expect(createdAt).toBeGreaterThanOrEqual(tomorrow);
    expect(createdAt).toBeLessThan(tomorrow + MINUTE_IN_SECONDS * 1000);
  });

  test.each([
    ['is not there', undefined],
    [
      'was killed outright',
      { baseUrl: 'http://127.0.0.1:1', frontendApiUrl: '', clockOffsetSeconds: 0, environment: {} },
    ],
    ['is of an older version', { baseUrl: inject('stack').baseUrl }],
  ])('%s: one sentence says what to do', async (_, instance) => {
    const dir = await directoryOf(instance);

    expect(await run('users', ['list', '--local', '--dir', dir])).toEqual(
      sentence(
        `No local run in ${dir}: start one with "npm start" in another terminal, or name its directory with --dir.`,
      ),
    );
  });
});

describe('a wrong usage ends with 2', () => {
  test.each([
    [[], 'Say what to do: there are import, list, ban and unban.'],
    [['destroy'], 'Unknown command destroy: there are import, list, ban and unban.'],
    [['--local', 'list'], 'Say what to do, then the options: there are import, list, ban and unban.'],
    [['list', '--local', '--stack', 'x'], '--local and --stack name two instances: leave one out.'],
    [['list', '--stage', 'prod', '--stack', 'x'], '--stack and --stage name two stacks: leave one out.'],
    [['list', '--dir', 'x'], '--dir is where a local run keeps its state: add --local.'],
    [['list', '--stage', 'x', '--region', 'x'], 'stage is "x": write dev or prod.'],
    [['list', '--limit', '0'], '--limit is not a number from 1: give one such as 20.'],
    [['list', 'x'], 'There are too many arguments: "list" takes options only.'],
    [['import'], 'Name the file: import users.ndjson, or "-" for standard input.'],
    [['ban', 'one', 'two'], 'There are too many arguments: name one.'],
  ])('%j', async (args, message) => {
    expect(await run('users', args)).toEqual({
      status: 2,
      stdout: '',
      stderr: `${message}\nAll of it: npm run users -- --help\n`,
    });
  });

  test('an option that there is not', async () => {
    const { status, stderr } = await run('users', ['list', '--lmit', '1']);

    expect(status).toBe(2);
    expect(stderr).toMatch(/^Unknown option '--lmit'/);
  });
});

test.each(['secret-key', 'users'] as const)('npm run %s -- --help says all there is', async (command) => {
  const { status, stdout, stderr } = await run(command, ['--help']);

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain(`npm run ${command} -- list`);
  expect(stdout).toContain('--region <region>');
});
