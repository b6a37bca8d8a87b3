import { App } from 'aws-cdk-lib/core';
import cdkJson from '../cdk.json' with { type: 'json' };
import { ActorTokensStack } from './actor-tokens-stack.ts';
import { addChecks } from './checks.ts';
import { ConfigError, stackConfig } from './config.ts';

// `cdk` says where to write and passes the context of cdk.json and `-c`; `node cdk/app.ts` alone reads cdk.json itself.
const app = new App({ outdir: process.env.CDK_OUTDIR ?? 'cdk.out', context: cdkJson.context });
try {
  await addChecks(app);
  new ActorTokensStack(app, stackConfig(app.node));
  app.synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
