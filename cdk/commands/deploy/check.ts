import type { Config } from '../../config/schema.ts';
import { fetchTemplate } from '../cloud-formation.ts';
import { CommandError, UsageError } from '../errors.ts';
import { printMessage } from '../output.ts';
import { deployedConfigOf } from './deployed-config.ts';
import { type DeployedConfig, type RefusableName, type Refusal, refusalsOf } from './refusals.ts';

interface Place {
  readonly region: string;
  readonly profile: string | undefined;
}

function parseTemplate(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // CloudFormation also accepts YAML, which the CDK never deploys.
    return undefined;
  }
}

/**
 * Reads the configuration of the deployed stack; returns undefined if nothing is deployed under its name.
 *
 * @throws CommandError if the stack is not one of Actor Tokens
 */
export async function fetchDeployedConfig(stackName: string, place: Place): Promise<DeployedConfig | undefined> {
  const text = await fetchTemplate(stackName, place);
  if (text === undefined) return undefined;
  const deployed = deployedConfigOf(parseTemplate(text));
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
 * @throws CommandError with everything that was not allowed
 * @throws UsageError for a name that is not needed, which in a script would allow a later deployment too
 */
export function checkRefusals(
  deployed: DeployedConfig | undefined,
  config: Config,
  allowed: readonly RefusableName[],
): void {
  const all = deployed ? refusalsOf(deployed, config) : [];
  const refused = all.filter(({ name }) => !allowed.includes(name));
  if (refused.length > 0)
    throw new CommandError(
      [
        `This deployment of ${config.stackName} is refused, because it would undo what is deployed:`,
        ...refused.map(formatRefusal),
        'If this checkout or its configuration file is out of date, update it instead.',
      ].join('\n'),
    );
  const unneeded = allowed.find((name) => !all.some((each) => each.name === name));
  if (unneeded !== undefined)
    throw new UsageError(
      `--allow ${unneeded} is not needed for this deployment: omit it, because it allows one deployment.`,
    );
  for (const { name, sentences } of all) printMessage(`Allowed with --allow ${name}: ${sentences}`);
}
