/** The messages that lead from one step of a rotation to the next. */
import type { KeyName } from '../../signing-key.ts';
import type { RefusableName } from '../deploy/refusals.ts';
import { CommandError } from '../errors.ts';
import { formatDuration } from '../format-duration.ts';
import { readDeploymentConfig } from '../read-deployment-config.ts';
import type { DeployedTarget, StackChoice } from '../target.ts';
import type { DeployedKey } from './deployed-keys.ts';
import { type KeyNumbers, nextStep, phaseOf, type Step } from './lists.ts';
import { listAfter, type Situation } from './plan.ts';
import { type WaitLimits, waitsOf } from './waits.ts';

/**
 * Returns the command that deploys this stack. It names the stage that is deployed: another one would remove the protection of
 * the stack, or deploy another stack.
 *
 * @param allowed the name of what the deployment undoes, if it does
 */
export function deployCommand(
  { stack, config, region }: StackChoice,
  { stackName, stage, construct }: DeployedTarget,
  allowed?: RefusableName,
): string {
  if (construct !== '') {
    const options = `${allowed === undefined ? '' : ` --allow ${allowed}`}${region ? ` --region ${region}` : ''}`;
    return `npx cdk synth --quiet && npx actor-tokens check-deploy --stack ${stackName}${options} && npx cdk deploy --app cdk.out ${stackName}`;
  }
  const isNamed = stack !== undefined || readDeploymentConfig({ config, stage }).config.stackName !== stackName;
  const variable = region ? `AWS_REGION=${region} ` : '';
  const file = config === undefined ? '' : ` -c config=${config}`;
  const allow = allowed === undefined ? '' : ` --allow ${allowed}`;
  return `${variable}npm run deploy --${allow}${file} -c stage=${stage}${isNamed ? ` -c stackName=${stackName}` : ''}`;
}

function command(step: Step, kind: KeyName): string {
  return `npm run signing-keys -- ${step} ${kind} (with the same options)`;
}

/** Returns what to do after the change is deployed. */
export function hintAfter(step: Step, kind: KeyName, limits: WaitLimits): string {
  const { beforeSign, beforeRetire } = waitsOf(kind, limits);
  switch (step) {
    case 'publish':
      return beforeSign === 0
        ? `Then run: ${command('sign', kind)}`
        : `Then wait ${formatDuration(beforeSign)} and run: ${command('sign', kind)}`;
    case 'sign':
      return `Then wait ${formatDuration(beforeRetire)} and run: ${command('retire', kind)}`;
    case 'retire':
    case 'replace':
      return 'Then disable the old KMS key and delete it later, as docs/rotate.md describes.';
  }
}

/** Returns a line for each key that is not in the list after a step. */
export function droppedKeyLines(keys: readonly DeployedKey[], list: KeyNumbers): readonly string[] {
  const dropped = keys.filter(({ number }) => !list.includes(number));
  return dropped.map(({ number, keyId, state }) => `The old key ${number} is the KMS key ${keyId} (${state}).`);
}

/** Returns the next step of a kind, or the reason why it is not allowed now. */
export function nextStepHint(situation: Situation): string {
  const step = nextStep[phaseOf(situation.configured)];
  try {
    listAfter(step, situation);
    return step === 'publish' ? 'No rotation is in progress.' : `Next: ${command(step, situation.kind)}`;
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}
