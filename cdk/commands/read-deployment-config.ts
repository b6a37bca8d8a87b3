import { type ConfigFile, readConfigFile } from '../config/config-file.ts';
import { deploymentConfig } from '../config/deployment.ts';
import { ConfigError } from '../config/error.ts';
import type { Config } from '../config/schema.ts';
import { CommandError } from './errors.ts';

interface Choice {
  /** A path, relative to the project; `actor-tokens.json` by default. */
  readonly config?: string | undefined;
  readonly stage?: string | undefined;
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
  try {
    return { file: readConfigFile(config), config: deploymentConfig({ config, stage }) };
  } catch (error) {
    throw error instanceof ConfigError ? new CommandError(error.message) : error;
  }
}
