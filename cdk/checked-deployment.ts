// `npm run deploy` tells the app which deployment it has checked, and the app refuses to synthesize any other one.
import { sha256 } from '../shared/base/sha256.ts';
import { ConfigError } from './config/error.ts';
import type { Config } from './config/schema.ts';

interface Deployment {
  readonly config: Config;
  /** The 12 digits of the AWS account. */
  readonly account: string | undefined;
  readonly region: string | undefined;
}

const VARIABLE = 'CHECKED_DEPLOYMENT';

function fingerprintOf({ config, account, region }: Deployment): string {
  return sha256(JSON.stringify([config, account, region]));
}

/** Returns the variable that the process of the CDK needs in order to deploy this and nothing else. */
export function checkedEnvironment(deployment: Deployment): Readonly<Record<string, string>> {
  return { [VARIABLE]: fingerprintOf(deployment) };
}

/**
 * Checks that this deployment is the checked one, if one was checked. The CDK reads values from more places than the command does,
 * such as `~/.cdk.json`.
 *
 * @throws ConfigError
 */
export function requireChecked(config: Config, environment: NodeJS.ProcessEnv): void {
  const { [VARIABLE]: checked, CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = environment;
  if (checked === undefined || checked === fingerprintOf({ config, account, region })) return;
  throw new ConfigError(
    `CDK would deploy something else than "npm run deploy" has checked (stack ${config.stackName} to account ${account} in ` +
      `${region}): write the configuration into its file or as -c name=value, and choose account and Region with AWS_PROFILE, ` +
      'AWS_REGION, --profile or --region, not in cdk.context.json, ~/.cdk.json or a variable that begins with CDK_.',
  );
}
