// The instance that a command works on, and the sentence for each reason why it cannot.
import { describe, expect, inject, test } from 'vitest';
import { secretKey } from '../../cdk/commands/secret-key.ts';
import { users } from '../../cdk/commands/users.ts';
import { DAY_IN_SECONDS, MINUTE_IN_SECONDS } from '../../shared/base/time.ts';
import { send } from '../support/http-browser.ts';
import { itemsWith } from '../support/scan.ts';
import { aDirectory } from './a-directory.ts';
import { deployedStack, errorReply, outputsOfRunningStack, stackReply } from './deployed-stack.ts';
import { execute } from './execute.ts';
import { LOCAL } from './run.ts';

function failure(message: string | RegExp) {
  const stderr = typeof message === 'string' ? `${message}\n` : expect.stringMatching(message);
  return { status: 1, stdout: '', stderr };
}

test('a secret key that is created for a deployed stack is accepted by its API', async () => {
  const { env } = await deployedStack();

  const { status, stdout, stderr } = await execute(secretKey, ['create', '--name', 'deployed'], env);

  expect(status).toBe(0);
  expect(stderr).toContain(' (deployed) of stack actor-tokens-dev (us-east-1) is accepted from now on.');
  const headers = { authorization: `Bearer ${stdout.trim()}` };
  expect(await send('GET', '/v1/users/count', { headers })).toMatchObject({ status: 200 });
});

test.each([
  ['a protected stack', { Protected: 'true' }, 'sk_live_'],
  ['a stack that is not protected', { Protected: 'false' }, 'sk_test_'],
  ['a stack of an older version', {}, 'sk_live_'],
])('a secret key of %s says so by its prefix', async (_, output, prefix) => {
  const { env } = await deployedStack(stackReply({ ...outputsOfRunningStack(), ...output }));

  const { stdout } = await execute(secretKey, ['create', '--name', 'kind'], env);

  expect(stdout.slice(0, prefix.length)).toBe(prefix);
});

describe('the requested stack', () => {
  test.each([
    ['the configured stack by default', [], {}, 'us-east-1 actor-tokens-dev'],
    ['the stack of --stage', ['--stage', 'prod'], {}, 'us-east-1 actor-tokens-prod'],
    ['the stack of --stack', ['--stack', 'other'], {}, 'us-east-1 other'],
    ['a stack in the Region of --region', ['--region', 'eu-west-1'], {}, 'eu-west-1 actor-tokens-dev'],
    [
      'a stack in the Region of the AWS CLI',
      [],
      { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-north-1' },
      'eu-north-1 actor-tokens-dev',
    ],
  ])('a command works on %s', async (_, args, env, expected) => {
    const stack = await deployedStack(errorReply(400, 'ValidationError', 'Stack with id x does not exist'));

    await execute(users, ['list', ...args], { ...stack.env, ...env });

    expect(stack.requested).toEqual([expected]);
  });

  test('a command works on the stack that the file of --config configures', async () => {
    const dir = await aDirectory({ 'x.json': '{"stage": "prod", "stackName": "support"}' });
    const stack = await deployedStack(errorReply(400, 'ValidationError', 'Stack with id x does not exist'));

    await execute(users, ['list', '--config', `${dir}/x.json`], stack.env);

    expect(stack.requested).toEqual(['us-east-1 support']);
  });

  test('a command works on a stack in the Region of the profile, with its credentials', async () => {
    const profile = ['[profile support]', 'region = eu-south-1', 'aws_access_key_id = a', 'aws_secret_access_key = s'];
    const dir = await aDirectory({ config: profile.join('\n') });
    const stack = await deployedStack(errorReply(400, 'ValidationError', 'Stack with id x does not exist'));
    const { AWS_ENDPOINT_URL_CLOUDFORMATION = '' } = stack.env;

    await execute(users, ['list'], {
      AWS_ENDPOINT_URL_CLOUDFORMATION,
      AWS_PROFILE: 'support',
      AWS_CONFIG_FILE: `${dir}/config`,
    });

    expect(stack.requested).toEqual(['eu-south-1 actor-tokens-dev']);
  });
});

test('a configuration file that is missing or wrong ends a command with its sentence', async () => {
  const dir = await aDirectory({ 'wrong.json': '{"stge": "prod"}' });

  expect(await execute(users, ['list', '--config', `${dir}/none.json`])).toEqual(
    failure(/^There is no configuration file .*none\.json: check its name\.\n$/),
  );
  expect(await execute(users, ['list', '--config', `${dir}/wrong.json`])).toEqual(
    failure(/wrong\.json: unknown name `stge`/),
  );
});

test('a file that belongs to another stage is refused in the options of a command', async () => {
  const dir = await aDirectory({ 'x.json': '{"stage": "prod", "stackName": "support"}' });

  expect(await execute(users, ['list', '--config', `${dir}/x.json`, '--stage', 'dev'])).toEqual(
    failure(
      `stackName in ${dir}/x.json belongs to the stage prod, and another stack must not use it: for the stage dev choose another ` +
        'file with --config <file>, or the stack itself with --stack <name> in place of --stage.',
    ),
  );
});

describe('a stack of another app', () => {
  const named = (...ids: readonly string[]) => {
    const outputs = Object.entries({ ...outputsOfRunningStack(), PublishableKey: 'pk' });
    return stackReply(Object.fromEntries(ids.flatMap((id) => outputs.map(([name, value]) => [`${id}${name}`, value]))));
  };

  test('has its only instance found, whatever the id of the construct is', async () => {
    const { env } = await deployedStack(named('Support'));

    expect(await execute(users, ['list', '--stack', 'Other'], env)).toMatchObject({ status: 0 });
  });

  test.each([
    [
      [],
      2,
      'Stack Other (us-east-1) has 2 instances: choose one with --instance. Available instances: Support, Partners.',
    ],
    [
      ['--instance', 'Nobody'],
      1,
      'Stack Other (us-east-1) has no instance Nobody: choose another one with --instance, or omit the option. Available ' +
        'instances: Support, Partners.',
    ],
  ])('needs the right --instance when it has several: %j', async (args, status, message) => {
    const { env } = await deployedStack(named('Support', 'Partners'));

    const ended = await execute(users, ['list', '--stack', 'Other', ...args], env);

    expect(ended).toMatchObject({ status, stderr: expect.stringContaining(message) });
  });

  test.each([
    ['false', 'sk_test_'],
    ['true', 'sk_live_'],
  ])('gets a secret key of the kind of its instance: protected is %s', async (isProtected, prefix) => {
    const own = { ...outputsOfRunningStack(), PublishableKey: 'pk', Protected: isProtected };
    const outputs = Object.entries(own).map(([name, value]) => [`Support${name}`, value]);
    const { env } = await deployedStack(stackReply(Object.fromEntries(outputs)));

    const { stdout } = await execute(secretKey, ['create', '--name', 'kind', '--stack', 'Other'], env);

    expect(stdout.slice(0, prefix.length)).toBe(prefix);
  });

  test('has the instance that --instance chooses', async () => {
    const { env } = await deployedStack(named('Support', 'Partners'));

    expect(await execute(users, ['list', '--stack', 'Other', '--instance', 'Partners'], env)).toMatchObject({
      status: 0,
    });
  });
});

test('a command does not touch a stack whose stage differs from --stage', async () => {
  const { env } = await deployedStack(stackReply({ ...outputsOfRunningStack(), Stage: 'prod' }));

  const ended = await execute(secretKey, ['create', '--name', 'of another stage', '--stage', 'dev'], env);

  expect(ended).toEqual(
    failure(
      'Stack actor-tokens-dev (us-east-1) has the stage prod, not dev: omit --stage, or choose another stack with --stack.',
    ),
  );
  expect(await itemsWith('SECRET_KEYS', { name: 'of another stage' })).toEqual([]);
});

const missing =
  'There is no stack actor-tokens-dev in us-east-1: choose the stack with --stack, its Region with --region and its account ' +
  'with AWS_PROFILE, or deploy it with "npm run deploy".';

describe('a failure is explained in one sentence that says what to do', () => {
  const denied =
    'User: arn:aws:iam::1:user/a is not authorized to perform: cloudformation:DescribeStacks on resource: x';

  test.each([
    [
      'there is no stack of that name',
      errorReply(400, 'ValidationError', 'Stack with id actor-tokens-dev does not exist'),
      missing,
    ],
    [
      'no stack can have that name',
      errorReply(
        400,
        'ValidationError',
        "1 validation error detected: Value at 'stackName' failed to satisfy constraint",
      ),
      missing,
    ],
    [
      'the stack is not one of Actor Tokens',
      stackReply({ WebsiteUrl: 'https://example.com' }),
      'Stack actor-tokens-dev (us-east-1) is not a stack of Actor Tokens, or it is of an older version: it has no output Stage. ' +
        'Choose another stack with --stack, or deploy this one again with "npm run deploy".',
    ],
    [
      'the stack is of an older version',
      stackReply({ ...outputsOfRunningStack(), Generation: '' }),
      /it has no output Generation\. .* deploy this one again/,
    ],
    [
      'the credentials have expired',
      errorReply(403, 'ExpiredToken', 'The security token included in the request is expired'),
      /^Your AWS credentials have expired: sign in again .*\n$/,
    ],
    [
      'the credentials are wrong',
      errorReply(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.'),
      /^AWS rejected your credentials: .*\n$/,
    ],
    [
      'the credentials do not allow the call',
      errorReply(403, 'AccessDenied', denied),
      /^Your AWS credentials do not allow cloudformation:DescribeStacks: .*\n$/,
    ],
  ])('one sentence explains that %s', async (_, reply, expected) => {
    const { env } = await deployedStack(reply);

    expect(await execute(secretKey, ['list'], env)).toEqual(failure(expected));
  });

  test('one sentence explains that there are no credentials', async () => {
    const ended = await execute(secretKey, ['list', '--region', 'eu-west-1']);

    expect(ended).toEqual(failure(/^No valid AWS credentials were found: sign in .*\n$/));
  });

  test('one sentence explains that there is no Region', async () => {
    expect(await execute(secretKey, ['list'])).toEqual(
      failure('No AWS Region is configured: use --region, set AWS_REGION, or configure a Region in your profile.'),
    );
  });

  test('one sentence explains that AWS does not answer', async () => {
    const { env } = await deployedStack();
    const unreachable = { ...env, AWS_ENDPOINT_URL_CLOUDFORMATION: 'http://127.0.0.1:1' };

    expect(await execute(secretKey, ['list'], unreachable)).toEqual(
      failure('CloudFormation does not answer: check the network and the Region, then try again.'),
    );
  });

  test('one sentence explains that the tables of the stack are gone', async () => {
    const { env } = await deployedStack(stackReply({ ...outputsOfRunningStack(), SecretKeysTable: 'Gone' }));

    expect(await execute(secretKey, ['list'], env)).toEqual(
      failure('DynamoDB did not find the table or key: deploy the stack again, or check --stack and --region.'),
    );
  });
});

describe('the local run', () => {
  const list = ['list', '--limit', '1'];

  test('AWS variables of the administrator do not lead --local to anything else', async () => {
    const env = {
      AWS_PROFILE: 'nobody',
      AWS_REGION: 'eu-west-1',
      AWS_SESSION_TOKEN: 'token',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
      AWS_USE_FIPS_ENDPOINT: 'true',
      AWS_USE_DUALSTACK_ENDPOINT: 'true',
    };

    expect(await execute(users, [...list, ...LOCAL], env)).toMatchObject({ status: 0, stderr: '' });
  });

  test('LOCAL_DIR names the directory of --local, as it does for npm start', async () => {
    const env = { LOCAL_DIR: inject('stack').dir };

    expect(await execute(users, [...list, '--local'], env)).toMatchObject({ status: 0, stderr: '' });
  });

  test('a command uses the clock of the local run, which can be moved', async () => {
    const { baseUrl, environment } = inject('stack');
    const instance = { baseUrl, clockOffsetSeconds: DAY_IN_SECONDS, environment };
    const dir = await aDirectory({ 'instance.json': JSON.stringify(instance) });
    const tomorrow = Date.now() + DAY_IN_SECONDS * 1000;

    const { stdout } = await execute(secretKey, ['create', '--name', 'clock', '--json', '--local', '--dir', dir]);

    const createdAt = Date.parse(JSON.parse(stdout).created_at);
    expect(createdAt).toBeGreaterThanOrEqual(tomorrow);
    expect(createdAt).toBeLessThan(tomorrow + MINUTE_IN_SECONDS * 1000);
  });

  test.each([
    ['does not exist', {}],
    [
      'was killed',
      { 'instance.json': JSON.stringify({ ...inject('stack'), baseUrl: 'http://127.0.0.1:1', clockOffsetSeconds: 0 }) },
    ],
    ['is of an older version', { 'instance.json': JSON.stringify({ baseUrl: inject('stack').baseUrl }) }],
  ])('a local run that %s is reported with what to do', async (_, files) => {
    const dir = await aDirectory(files);

    expect(await execute(users, ['list', '--local', '--dir', dir])).toEqual(
      failure(
        `There is no local run in ${dir}: start one with "npm start" in another terminal, or choose its directory with --dir.`,
      ),
    );
  });
});
