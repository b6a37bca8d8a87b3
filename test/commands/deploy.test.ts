// `npm run deploy` checks what it is about to deploy, then runs `cdk deploy`. What it refuses is tested in
// test/unit/deploy-refusals.test.ts, and deployments themselves in test/deploy.
import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { refusableNames } from '../../cdk/commands/deploy/refusals.ts';
import { deploy } from '../../cdk/commands/deploy.ts';
import type { ConfigInput } from '../../cdk/config/schema.ts';
import { behindCloudFront } from '../infra/configured.ts';
import { synthesized } from '../infra/synthesized.ts';
import { aDirectory } from './a-directory.ts';
import { callerReply, deployedStack, errorReply, stackReply, templateReply } from './deployed-stack.ts';
import { execute } from './execute.ts';
import { run, start } from './run.ts';

const ACCOUNT = '123456789012';
const none = errorReply(400, 'ValidationError', 'Stack with id x does not exist');

/** An AWS account in which this configuration is deployed, and the stack has this status. */
function deployedWith(props: ConfigInput, status?: string) {
  return deployedStack(stackReply({}, status), undefined, {
    GetCallerIdentity: callerReply(ACCOUNT),
    GetTemplate: templateReply(JSON.stringify(synthesized(props))),
  });
}

/** An AWS account without a stack. */
function emptyAccount() {
  return deployedStack(none, undefined, { GetCallerIdentity: callerReply(ACCOUNT) });
}

function failure(message: string | RegExp) {
  const stderr = typeof message === 'string' ? `${message}\n` : expect.stringMatching(message);
  return { status: 1, stdout: '', stderr };
}

/** `--version` makes the CDK print its version in place of deploying. */
const version = ['--version'];

describe('credentials and Region', () => {
  test('a deployment without a Region is refused', async () => {
    expect(await execute(deploy, [])).toEqual(
      failure('No AWS Region is configured: use --region, set AWS_REGION, or configure a Region in your profile.'),
    );
  });

  test('a deployment without credentials is refused with the commands that sign in', async () => {
    expect(await execute(deploy, ['--region', 'eu-west-1'])).toEqual(
      failure(
        /^No valid AWS credentials were found: sign in again \(for example with "aws sso login" or "aws login"\), /,
      ),
    );
  });

  test.each([
    [
      errorReply(403, 'ExpiredToken', 'The security token included in the request is expired'),
      /^Your AWS credentials have expired: /,
    ],
    [errorReply(403, 'InvalidClientTokenId', 'The security token is invalid.'), /^AWS rejected your credentials: /],
  ])('a deployment with credentials that AWS refuses is refused: %#', async (reply, message) => {
    const { env, requested } = await deployedStack(reply);

    expect(await execute(deploy, [], env)).toEqual(failure(message));
    expect(requested).toEqual(['us-east-1 null']);
  });

  test('--profile and --region choose the account and the Region, as they do for the CDK', async () => {
    const profile = ['[profile support]', 'region = eu-south-1', 'aws_access_key_id = a', 'aws_secret_access_key = s'];
    const dir = await aDirectory({ config: profile.join('\n') });
    const stack = await deployedWith({ generation: 2 });
    const { AWS_ENDPOINT_URL_CLOUDFORMATION = '', AWS_ENDPOINT_URL_STS = '' } = stack.env;
    const env = { AWS_ENDPOINT_URL_CLOUDFORMATION, AWS_ENDPOINT_URL_STS, AWS_CONFIG_FILE: `${dir}/config` };

    await execute(deploy, ['--profile', 'support'], env);
    await execute(deploy, ['--profile=support', '--region', 'eu-west-1'], env);

    const [south, west] = ['eu-south-1', 'eu-west-1'].map((region) => [
      `${region} null`,
      `${region} actor-tokens-dev`,
      `${region} actor-tokens-dev`,
    ]);
    expect(stack.requested).toEqual([...(south ?? []), ...(west ?? [])]);
  });
});

describe('certificates', () => {
  const named = ['-c', 'stage=prod', '-c', 'domainName=clerk.example.com'];
  const certificate = (region: string, account: string) => `arn:aws:acm:${region}:${account}:certificate/0f1e2d3c`;

  test('a certificate of API Gateway in another Region is refused', async () => {
    const { env } = await emptyAccount();
    const args = [...named, '-c', `certificateArn=${certificate('eu-west-1', ACCOUNT)}`];

    expect(await execute(deploy, args, env)).toEqual(
      failure(
        'certificateArn is a certificate in eu-west-1, and the stack would be deployed to us-east-1, where API Gateway needs its ' +
          'certificate: request one in us-east-1 and write its ARN, or deploy to eu-west-1 with --region.',
      ),
    );
  });

  test.each([
    [
      'in another Region than us-east-1',
      certificate('eu-west-1', ACCOUNT),
      /^cloudFront\.certificateArn is ".*": write the ARN of an ACM certificate in us-east-1, where CloudFront needs it/,
    ],
    [
      'of another account',
      certificate('us-east-1', '210987654321'),
      /^cloudFront\.certificateArn is a certificate of the account 210987654321, and your AWS credentials are those of 123456789012: /,
    ],
  ])('a certificate of CloudFront %s is refused', async (_, certificateArn, message) => {
    const { env } = await emptyAccount();
    const cloudFront = { ...behindCloudFront.cloudFront, certificateArn };
    const members = { domainName: 'clerk.example.com', certificateArn: certificate('us-east-1', ACCOUNT), cloudFront };
    const dir = await aDirectory({ 'x.json': JSON.stringify(members) });

    expect(await execute(deploy, ['-c', `config=${dir}/x.json`], env)).toEqual(failure(message));
  });

  test('a certificate of another account is refused', async () => {
    const { env } = await emptyAccount();
    const args = [...named, '-c', `certificateArn=${certificate('us-east-1', '210987654321')}`];

    expect(await execute(deploy, args, env)).toEqual(
      failure(
        'certificateArn is a certificate of the account 210987654321, and your AWS credentials are those of 123456789012: choose ' +
          'the other account with AWS_PROFILE, or write the ARN of a certificate of this one.',
      ),
    );
  });
});

describe('what is deployed', () => {
  const undone = `This deployment of actor-tokens-dev is refused, because it would undo what is deployed:
- generation is 2 in the deployed stack and 1 in this configuration. It would revive every ticket, session, browser and secret key of generation 1 that has not expired, also those that were ended in an emergency.
  To deploy it all the same, add: --allow generation
- maxSessionDurationInSeconds is 1800 in the deployed stack and 3600 in this configuration. Sessions could last longer.
  To deploy it all the same, add: --allow maxSessionDurationInSeconds
If this checkout or its configuration is out of date, update it instead.`;
  const deployed = { generation: 2, maxSessionDurationInSeconds: 1800 };
  const looser = ['-c', 'maxSessionDurationInSeconds=3600'];

  test('a deployment that would undo it is refused, with the option that allows each part by its name', async () => {
    const { env } = await deployedWith(deployed);

    expect(await execute(deploy, looser, env)).toEqual(failure(undone));
  });

  test('the configuration of a file is compared as that of -c is', async () => {
    const { env } = await deployedWith(deployed);
    const dir = await aDirectory({ 'x.json': JSON.stringify({ maxSessionDurationInSeconds: 3600 }) });

    expect(await execute(deploy, ['--context', `config=${dir}/x.json`], env)).toEqual(failure(undone));
  });

  test('what is allowed by name does not allow anything else', async () => {
    const { env } = await deployedWith(deployed);

    const { status, stderr } = await execute(deploy, ['--allow', 'maxSessionDurationInSeconds', ...looser], env);

    expect(status).toBe(1);
    expect(stderr).toContain('--allow generation\n');
    expect(stderr).not.toContain('maxSessionDurationInSeconds');
  });

  test('a deployment that undoes nothing needs no option, and an option that is not needed is refused', async () => {
    const { env } = await deployedWith(deployed);
    const same = ['-c', 'generation=2', '-c', 'maxSessionDurationInSeconds=1800'];

    expect(await execute(deploy, [...same, '--allow', 'generation'], env)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^--allow generation is not needed for this deployment: omit it, /),
    });
  });

  test('a deployment is refused while another one is in progress', async () => {
    const { env } = await deployedWith(deployed, 'UPDATE_IN_PROGRESS');

    expect(await execute(deploy, [], env)).toEqual(
      failure('The stack actor-tokens-dev is UPDATE_IN_PROGRESS: wait until that has ended, then try again.'),
    );
  });

  test.each(['<html>', 'Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n', '{"Resources": {}}'])(
    'a deployment over a stack of something else is refused: %j',
    async (template) => {
      const { env } = await deployedStack(stackReply({}), undefined, {
        GetCallerIdentity: callerReply(ACCOUNT),
        GetTemplate: templateReply(template),
      });

      expect(await execute(deploy, [], env)).toEqual(
        failure(/^Stack actor-tokens-dev \(us-east-1\) is not a stack of Actor Tokens, or it is of another version/),
      );
    },
  );

  test('credentials that may not read the template are refused with the action that they need', async () => {
    const denied =
      'User: arn:aws:iam::1:user/a is not authorized to perform: cloudformation:GetTemplate on resource: x';
    const { env } = await deployedStack(stackReply({}), undefined, {
      GetCallerIdentity: callerReply(ACCOUNT),
      GetTemplate: errorReply(403, 'AccessDenied', denied),
    });

    expect(await execute(deploy, [], env)).toEqual(
      failure(/^Your AWS credentials do not allow cloudformation:GetTemplate: /),
    );
  });
});

describe('the options of the command and those of the CDK', () => {
  test.each([
    [['--allow'], '--allow needs a name: '],
    [['--allow='], '--allow needs a name: '],
    [['--allow', 'everything'], '--allow does not know everything: '],
    [['--allow', '--force'], '--allow does not know --force: '],
  ])('%j ends with 2 and shows the names', async (args, message) => {
    expect(await execute(deploy, args)).toEqual({
      status: 2,
      stdout: '',
      stderr: `${message}write one of ${refusableNames.join(', ')}.\nRun \`npm run deploy -- --help\` for usage.\n`,
    });
  });

  test.each([
    [['--app', 'cdk.out']],
    [['--app=cdk.out']],
    [['-a', 'cdk.out']],
    [['--a', 'cdk.out']],
    [['-ya', 'cdk.out']],
  ])('%j is refused, because the command cannot check it', async (args) => {
    expect(await execute(deploy, args)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^--app deploys another app, or one that was synthesized before, /),
    });
  });

  test.each(['CDK_APP', 'CDK_A'])('%s is refused like --app, because the CDK reads it', async (name) => {
    expect(await execute(deploy, [], { [name]: 'cdk.out' })).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(`^${name} deploys another app, or one that was synthesized before, `),
    });
  });

  test('an unknown name of the configuration is refused as the app refuses it', async () => {
    expect(await execute(deploy, ['-c', 'generaton=2'])).toEqual(
      failure('-c: unknown name `generaton`: did you mean `generation`?'),
    );
  });

  test('--help shows the names that --allow takes', async () => {
    const { status, stdout } = await execute(deploy, ['--help']);

    expect(status).toBe(0);
    for (const name of refusableNames) expect(stdout).toContain(name);
    expect(stdout).toContain('Exit code: ');
  });
});

describe('the CDK', () => {
  test('runs with all arguments but --allow, in the account and the Region that were checked', async () => {
    const { env } = await deployedWith({ generation: 2 });

    const ended = await run('deploy', ['--allow', 'generation', '-c', 'generation=1', ...version], { env });

    expect(ended).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^2\.\d+\.\d+ \(build /),
      stderr:
        'Allowed with --allow generation: generation is 2 in the deployed stack and 1 in this configuration. It would revive every ' +
        'ticket, session, browser and secret key of generation 1 that has not expired, also those that were ended in an ' +
        `emergency.\nDeploying stack actor-tokens-dev (us-east-1) in the account ${ACCOUNT} …\n`,
    });
  });

  test.each(['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE'])('runs when nothing is deployed: %s', async (stackStatus) => {
    const { env } = await deployedWith({ generation: 2 }, stackStatus);

    expect(await run('deploy', version, { env })).toMatchObject({ status: 0 });
  });

  test('runs in an account without a stack, and ends the command with its exit code', async () => {
    const { env } = await emptyAccount();

    const { status, stderr } = await run('deploy', ['--require-approval', 'sometimes'], { env });

    expect(stderr).toContain('Argument: require-approval, Given: "sometimes"');
    expect(status).toBe(1);
  });

  test('is ended by a signal to the command', async () => {
    const { env, requested } = await emptyAccount();
    const dir = await aDirectory();
    const running = start('deploy', ['-c', 'validate=false', '--output', `${dir}/cdk.out`], {
      env: { ...env, HOME: dir, CDK_HOME: dir, CDK_DISABLE_VERSION_CHECK: '1' },
    });
    // The third request is the first one of the CDK itself.
    await expect.poll(() => requested.length, { timeout: 50_000 }).toBeGreaterThan(2);

    running.kill('SIGTERM');

    const { status, stderr } = await running.ended;
    expect(status, stderr).toBe(128 + constants.signals.SIGTERM);
  }, 60_000);

  test('deploys nothing but what was checked, wherever it reads other values', async () => {
    const { env } = await deployedWith({ maxSessionDurationInSeconds: 1800 });
    const home = await aDirectory({ '.cdk.json': '{"context": {"maxSessionDurationInSeconds": 86400}}' });
    const dir = await aDirectory({ 'x.json': '{"maxSessionDurationInSeconds": 1800}' });
    const args = ['-c', `config=${dir}/x.json`, '-c', 'validate=false', '--output', `${dir}/cdk.out`];

    const { status, stderr } = await run('deploy', [...args, '--require-approval', 'never'], {
      env: { ...env, HOME: home, CDK_HOME: home, CDK_DISABLE_VERSION_CHECK: '1' },
    });

    expect(status, stderr).toBe(1);
    expect(stderr).toContain(
      'CDK would deploy something else than "npm run deploy" has checked (stack actor-tokens-dev to account 123456789012 in us-east-1): ',
    );
  }, 60_000);
});
