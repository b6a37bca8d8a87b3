import { type App, Validations } from 'aws-cdk-lib/core';
import { ConfigError } from './config.ts';

/**
 * Lets a template fail to synthesize that breaks a rule of cdk-nag's AWS Solutions or, as CDK does by itself, of
 * CloudFormation. `-c validate=false` leaves both out, for a quick local run.
 *
 * @throws ConfigError
 */
export async function addChecks(app: App): Promise<void> {
  const validate = String(app.node.tryGetContext('validate') ?? true);
  if (validate !== 'true' && validate !== 'false')
    throw new ConfigError(`validate is ${JSON.stringify(validate)}: write true or false.`);
  if (validate === 'false') {
    process.env.CDK_VALIDATION = 'false';
    return;
  }
  // Loaded only here: it takes 0.3 s.
  const { AwsSolutionsChecks } = await import('cdk-nag');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
