import { fetchTemplate } from '../cloud-formation.ts';
import { CommandError, UsageError } from '../errors.ts';
import { printMessage } from '../output.ts';
import type { ComparedConfig } from './compared-config.ts';
import { deployedConfigOf } from './deployed-config.ts';
import type { RefusableName, Refusal } from './refusals.ts';

interface Place {
  readonly region: string | undefined;
  readonly profile: string | undefined;
}

/**
 * Fetches the template of a deployed stack; returns undefined if nothing is deployed under its name.
 *
 * @throws CommandError
 */
export async function fetchDeployedTemplate(stackName: string, place: Place): Promise<unknown> {
  const text = await fetchTemplate(stackName, place);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // CloudFormation also accepts YAML, which the CDK never deploys.
    return {};
  }
}

/**
 * Reads the configuration of the deployed stack of this project; returns undefined if nothing is deployed under its name.
 *
 * @throws CommandError if the stack is not one of Actor Tokens
 */
export async function fetchDeployedConfig(stackName: string, place: Place): Promise<ComparedConfig | undefined> {
  const template = await fetchDeployedTemplate(stackName, place);
  if (template === undefined) return undefined;
  const deployed = deployedConfigOf(template, '');
  if (deployed) return deployed;
  throw new CommandError(
    `Stack ${stackName} (${place.region}) is not a stack of Actor Tokens, or it is of another version, so this deployment cannot ` +
      'be compared with it: choose another stackName, or deploy unchecked with "npx cdk deploy --all".',
  );
}

function formatRefusal({ name, sentences }: Refusal): string {
  return `- ${sentences}\n  To deploy it all the same, add: --allow ${name}`;
}

/**
 * Checks that a deployment undoes nothing but what was allowed by name. Each use of what was allowed is reported on stderr.
 *
 * @param all what the deployment would undo
 * @throws CommandError with everything that was not allowed
 * @throws UsageError for a name that is not needed, which in a script would allow a later deployment too
 */
export function checkRefusals(stackName: string, all: readonly Refusal[], allowed: readonly RefusableName[]): void {
  const refused = all.filter(({ name }) => !allowed.includes(name));
  if (refused.length > 0)
    throw new CommandError(
      [
        `This deployment of ${stackName} is refused, because it would undo what is deployed:`,
        ...refused.map(formatRefusal),
        'If this checkout or its configuration is out of date, update it instead.',
      ].join('\n'),
    );
  const unneeded = allowed.find((name) => !all.some((each) => each.name === name));
  if (unneeded !== undefined)
    throw new UsageError(
      `--allow ${unneeded} is not needed for this deployment: omit it, because it allows one deployment.`,
    );
  for (const { name, sentences } of all) printMessage(`Allowed with --allow ${name}: ${sentences}`);
}
