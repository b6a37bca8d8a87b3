import { type ConfigFile, readConfigFile } from '../config/config-file.ts';
import { deploymentConfig } from '../config/deployment.ts';
import { ConfigError } from '../config/error.ts';
import type { Config } from '../config/schema.ts';
import { CommandError } from './errors.ts';

interface Choice {
  /** A path, relative to the working directory; `actor-tokens.json` by default. */
  readonly config?: string | undefined;
  readonly stage?: string | undefined;
}

/** The same in the options of a command as `-c config=…` for the CDK. */
function hintForCommand(): string {
  return 'choose another file with --config <file>, or the stack itself with --stack <name> in place of --stage';
}

/** @throws CommandError in place of a ConfigError */
function explained<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw error instanceof ConfigError ? new CommandError(error.message) : error;
  }
}

/**
 * Reads the configuration that `cdk deploy` would deploy for this file and stage.
 *
 * @throws CommandError
 */
export function readDeploymentConfig({ config, stage }: Choice): {
  readonly file: ConfigFile;
  readonly config: Config;
} {
  return explained(() => ({
    file: readConfigFile(config),
    config: deploymentConfig({ config, stage }, hintForCommand),
  }));
}

/**
 * Reads the configuration that `cdk deploy` would deploy with these values of `-c name=value`.
 *
 * @throws CommandError
 */
export function configOfContext(context: Readonly<Record<string, string>>): Config {
  return explained(() => deploymentConfig(context));
}
