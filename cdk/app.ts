import { App } from 'aws-cdk-lib/core';
import cdkJson from '../cdk.json' with { type: 'json' };
import { ActorTokensStack } from './actor-tokens-stack.ts';
import { buildBundles } from './bundle/build.ts';
import { requireChecked } from './checked-deployment.ts';
import { addChecks } from './checks.ts';
import { deploymentConfig } from './config/deployment.ts';
import { ConfigError } from './config/error.ts';
import { isForSam, prepareForSam } from './sam.ts';

// `cdk` chooses the output directory and passes the context of cdk.json and `-c`; `node cdk/app.ts` alone reads cdk.json itself.
const { CDK_OUTDIR: outdir = 'cdk.out', CDK_CONTEXT_JSON: passed } = process.env;
const app = new App({ outdir, ...(passed === undefined && { context: cdkJson.context }) });
try {
  await addChecks(app);
  const config = deploymentConfig(app.node.getAllContext());
  requireChecked(config, process.env);
  await buildBundles();
  const stack = new ActorTokensStack(app, config);
  if (isForSam(app)) prepareForSam(stack);
  if (config.cloudFront) {
    // Imported here, because it takes 0.3 s.
    const { CloudFrontStack } = await import('./cloud-front-stack.ts');
    // Deployed after the instance: the functions must accept a new origin secret before CloudFront sends it.
    new CloudFrontStack(app, config, config.cloudFront).addStackDependency(stack);
  }
  app.synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
