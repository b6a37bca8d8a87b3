import { type App, Validations } from 'aws-cdk-lib/core';
import { ConfigError } from './config/error.ts';

/**
 * Makes the synthesis fail if a template breaks a rule of cdk-nag's AWS Solutions; CDK itself checks the rules of CloudFormation.
 * `-c validate=false` switches both off, for a quick local run.
 *
 * @throws ConfigError for any other value of `validate`
 */
export async function addChecks(app: App): Promise<void> {
  const validate = String(app.node.tryGetContext('validate') ?? true);
  if (validate !== 'true' && validate !== 'false')
    throw new ConfigError(`validate is ${JSON.stringify(validate)}: write true or false.`);
  if (validate === 'false') {
    process.env.CDK_VALIDATION = 'false';
    return;
  }
  // Imported here, because it takes 0.3 s.
  const { AwsSolutionsChecks } = await import('cdk-nag');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
