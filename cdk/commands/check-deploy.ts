/** `npx actor-tokens check-deploy`: compares a synthesized stack with the deployed one, before "cdk deploy" deploys it. */
import { readOptions } from './arguments.ts';
import type { Command } from './command.ts';
import { refusableName } from './deploy/arguments.ts';
import { readSynthesizedTemplate } from './deploy/assembly.ts';
import { checkRefusals, fetchDeployedTemplate } from './deploy/check.ts';
import { deployedConfigOf, outputNamesOf } from './deploy/deployed-config.ts';
import { type Refusal, refusableNames, refusalsOf } from './deploy/refusals.ts';
import { CommandError, UsageError } from './errors.ts';
import { instancesWith } from './instances.ts';
import { printMessage } from './output.ts';

const help = `Compares a stack that "cdk synth" wrote with the deployed one, as CloudFormation has it. Exits with 1 if the deployment would undo what
is deployed: lower a generation, loosen a limit, drop operators, policy, log or protection, or bring back a signing key.

  npx cdk synth --quiet && npx actor-tokens check-deploy --stack Support && npx cdk deploy --app cdk.out Support

  --stack <name>       the name of the stack in CloudFormation
  --assembly <path>    the output of "cdk synth" (default: cdk.out)
  --allow <name>       allow this one deployment to undo something, by its name: ${refusableNames.slice(0, 4).join(', ')},
                       ${refusableNames.slice(4).join(', ')}. Repeat the option for several.
  --region <region>    the AWS Region of the stack (default: AWS_REGION, or that of your profile)

AWS is read with your own credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID, …), which need cloudformation:DescribeStacks and
cloudformation:GetTemplate.`;

const options = {
  stack: { type: 'string' },
  assembly: { type: 'string' },
  allow: { type: 'string', multiple: true },
  region: { type: 'string' },
} as const;

/** Returns what the synthesized template would undo of one deployed instance. */
function refusalsOfInstance(id: string, { deployed, synthesized }: Templates): readonly Refusal[] {
  const [before, after] = [deployedConfigOf(deployed, id), deployedConfigOf(synthesized, id)];
  const name = id === '' ? 'The instance' : `The instance ${id}`;
  if (!before)
    throw new CommandError(
      `${name} was deployed by a version that cannot be compared with this one: deploy once without this check.`,
    );
  if (after)
    return refusalsOf(before, after).map(({ sentences, ...refusal }) => ({
      ...refusal,
      sentences: `${id && `${id}: `}${sentences}`,
    }));
  throw new CommandError(
    `${name} is deployed, and the synthesized stack does not have it: the deployment would remove it. Synthesize the stack with it, or ` +
      'deploy without this check.',
  );
}

interface Templates {
  readonly deployed: unknown;
  readonly synthesized: unknown;
}

async function compare(args: readonly string[]): Promise<number> {
  const { stack, assembly = 'cdk.out', allow = [], region } = readOptions(args, options);
  if (!stack) throw new UsageError('Missing stack: write the name of the stack, as in --stack Support.');
  const allowed = allow.map(refusableName);
  const synthesized = await readSynthesizedTemplate(assembly, stack);
  if (instancesWith(outputNamesOf(synthesized)).length === 0)
    throw new CommandError(
      `The stack ${stack} in ${assembly} has no instance of Actor Tokens: choose another one with --stack.`,
    );
  const deployed = await fetchDeployedTemplate(stack, { region, profile: undefined });
  const refusals = instancesWith(outputNamesOf(deployed)).flatMap((id) =>
    refusalsOfInstance(id, { deployed, synthesized }),
  );
  checkRefusals(stack, refusals, allowed);
  printMessage(
    deployed === undefined
      ? `No stack ${stack} is deployed, so its deployment undoes nothing.`
      : `The deployment of ${stack} undoes nothing${allowed.length > 0 ? ' else' : ''}.`,
  );
  return 0;
}

export const checkDeploy: Command = { name: 'check-deploy', help, verbs: compare };
