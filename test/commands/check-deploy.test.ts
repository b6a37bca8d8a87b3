// `npx actor-tokens check-deploy` compares the output of "cdk synth" with what is deployed. What it refuses is tested in
// test/unit/deploy-refusals.test.ts.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Stage } from 'aws-cdk-lib/core';
import { describe, expect, test } from 'vitest';
import { ActorTokens, type ActorTokensProps } from '../../cdk/actor-tokens.ts';
import { checkDeploy } from '../../cdk/commands/check-deploy.ts';
import { aDirectory } from './a-directory.ts';
import { deployedStack, errorReply, stackReply, templateReply } from './deployed-stack.ts';
import { execute } from './execute.ts';

type Instances = Readonly<Record<string, ActorTokensProps>>;

const none = errorReply(400, 'ValidationError', 'Stack with id x does not exist');

interface Synthesized {
  readonly assembly: string;
  readonly template: string;
}

/** An app with a stack `Support` that has these instances; within a stage of the app, if it has a name. */
async function synthesize(instances: Instances, stage?: string): Promise<Synthesized> {
  const outdir = await mkdtemp(join(tmpdir(), 'assembly-'));
  const app = new App({ outdir, context: { 'aws:cdk:disable-asset-staging': true }, analyticsReporting: false });
  const scope = stage === undefined ? app : new Stage(app, stage);
  const stack = new Stack(scope, 'Support', { stackName: 'Support' });
  for (const [id, props] of Object.entries(instances)) new ActorTokens(stack, id, props);
  const { stacksRecursively } = app.synth();
  return { assembly: outdir, template: JSON.stringify(stacksRecursively[0]?.template) };
}

async function deployed(instances: Instances) {
  const { template } = await synthesize(instances);
  return deployedStack(stackReply({}), undefined, { GetTemplate: templateReply(template) });
}

const one = { ActorTokens: { namePrefix: 'support', generation: 2 } } as const;

describe('a synthesized stack', () => {
  test('that undoes nothing passes, and so does one that is not deployed', async () => {
    const { env } = await deployed(one);
    const { assembly } = await synthesize({ ActorTokens: { ...one.ActorTokens, generation: 3 } });
    const args = ['--stack', 'Support', '--assembly', assembly];

    expect(await execute(checkDeploy, args, env)).toEqual({
      status: 0,
      stdout: '',
      stderr: 'The deployment of Support undoes nothing.\n',
    });
    expect(await execute(checkDeploy, args, (await deployedStack(none)).env)).toEqual({
      status: 0,
      stdout: '',
      stderr: 'No stack Support is deployed, so its deployment undoes nothing.\n',
    });
  });

  test('that undoes something is refused with the instance, and passes with --allow', async () => {
    const { env } = await deployed(one);
    const { assembly } = await synthesize({ ActorTokens: { namePrefix: 'support' } });
    const args = ['--stack', 'Support', '--assembly', assembly];

    expect(await execute(checkDeploy, args, env)).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^This deployment of Support is refused.*\n- ActorTokens: generation is 2 in the deployed stack and 1 .*\n {2}To deploy it all the same, add: --allow generation\n/,
      ),
    });
    expect(await execute(checkDeploy, [...args, '--allow', 'generation'], env)).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(
        /^Allowed with --allow generation: .*\nThe deployment of Support undoes nothing else\.\n$/,
      ),
    });
  });

  test('has each of its instances compared with the deployed one of the same id', async () => {
    const { env } = await deployed({ A: { namePrefix: 'a', audit: 'on' }, B: { namePrefix: 'b', generation: 2 } });
    const { assembly } = await synthesize({ A: { namePrefix: 'a' }, B: { namePrefix: 'b', generation: 2 } });

    const { status, stderr } = await execute(checkDeploy, ['--stack', 'Support', '--assembly', assembly], env);

    expect(status).toBe(1);
    expect(stderr).toContain('- A: audit is on in the deployed stack');
    expect(stderr).not.toContain('- B:');
  });

  test('that lost an instance is refused', async () => {
    const { env } = await deployed({ A: { namePrefix: 'a' }, B: { namePrefix: 'b' } });
    const { assembly } = await synthesize({ A: { namePrefix: 'a' } });

    expect(await execute(checkDeploy, ['--stack', 'Support', '--assembly', assembly], env)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^The instance B is deployed, and the synthesized stack does not have it: /),
    });
  });

  test('is found in a stage of the app', async () => {
    const { env } = await deployed(one);
    const { assembly } = await synthesize({ ActorTokens: { namePrefix: 'support' } }, 'Prod');

    expect((await execute(checkDeploy, ['--stack', 'Support', '--assembly', assembly], env)).stderr).toContain(
      '--allow generation',
    );
  });
});

describe('a failure is explained in one sentence that says what to do', () => {
  test.each([
    [[], 2, /^Missing stack: write the name of the stack, as in --stack Support\./],
    [
      ['--stack', 'Support', '--allow', 'everything'],
      2,
      /^--allow does not know everything: write one of generation, /,
    ],
    [
      ['--stack', 'Support', '--assembly', '/nowhere'],
      1,
      /^\/nowhere\/manifest\.json cannot be read, .*run "npx cdk synth" first/,
    ],
  ])('%j', async (args, status, message) => {
    expect(await execute(checkDeploy, args)).toEqual({ status, stdout: '', stderr: expect.stringMatching(message) });
  });

  test('a stack that is not in the output, and one without an instance', async () => {
    const { assembly } = await synthesize({});
    const args = (stack: string) => ['--stack', stack, '--assembly', assembly];

    expect((await execute(checkDeploy, args('Other'))).stderr).toBe(
      `${assembly} has no stack Other: choose one with --stack. Available stacks: Support.\n`,
    );
    expect((await execute(checkDeploy, args('Support'))).stderr).toBe(
      `The stack Support in ${assembly} has no instance of Actor Tokens: choose another one with --stack.\n`,
    );
  });

  test('an output that is no cloud assembly', async () => {
    const assembly = await aDirectory({ 'manifest.json': '{"artifacts": "none"}' });

    expect((await execute(checkDeploy, ['--stack', 'Support', '--assembly', assembly])).stderr).toMatch(
      /manifest\.json is not the manifest of a synthesized app: run "npx cdk synth" again\.\n$/,
    );
  });
});
