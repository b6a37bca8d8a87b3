/** `npm run deploy`: checks a deployment against what is deployed, then runs `cdk deploy`. */
import { checkedEnvironment } from '../checked-deployment.ts';
import { type Command, runCommand } from './command.ts';
import { readDeployArguments } from './deploy/arguments.ts';
import { fetchCaller } from './deploy/caller.ts';
import { checkCertificates } from './deploy/certificates.ts';
import { checkRefusals, fetchDeployedConfig } from './deploy/check.ts';
import { comparedPartOf } from './deploy/compared-config.ts';
import { refusableNames, refusalsOf } from './deploy/refusals.ts';
import { runCdk } from './deploy/run-cdk.ts';
import { printMessage } from './output.ts';
import { configOfContext } from './read-deployment-config.ts';

const help = `Checks the deployment, then runs "cdk deploy --all" with the arguments that you write behind "--".

  npm run deploy
  npm run deploy -- -c stage=dev -c allowedOrigins=https://app.example.com
  npm run deploy -- --require-approval never --profile support

Before anything is built, it checks that
  - AWS accepts your credentials, and a Region is chosen;
  - the certificates are in the account and the Region where they are needed;
  - the deployed stack, as CloudFormation has it, is not undone: its generation never goes down, its limits never become looser,
    required operators and a policy stay, and no signing key comes back or is dropped while it signs. An old checkout or
    configuration file would do that.

  --allow <name>   allow this one deployment to undo something, by its name: ${refusableNames.slice(0, 2).join(', ')},
                   ${refusableNames.slice(2, 6).join(', ')},
                   ${refusableNames.slice(6).join(', ')}. Repeat the option for several.

All other options are those of "cdk deploy" (npx cdk deploy --help). The command reads four of them: -c, --profile and --region, and
--app, which it refuses, as it does the variable CDK_APP. After a deployment was started, the exit code is that of "cdk deploy".`;

async function checkAndDeploy(args: readonly string[]): Promise<number> {
  const { allowed, ofCdk, context, profile, region: regionOption } = readDeployArguments(args, process.env);
  const config = configOfContext(context);
  const { account, region } = await fetchCaller({ profile, region: regionOption });
  checkCertificates(config, { account, region });
  const deployed = await fetchDeployedConfig(config.stackName, { profile, region });
  checkRefusals(config.stackName, deployed ? refusalsOf(deployed, comparedPartOf(config)) : [], allowed);
  printMessage(`Deploying stack ${config.stackName} (${region}) in the account ${account} …`);
  const environment = { AWS_REGION: region, ...checkedEnvironment({ config, account, region }) };
  return runCdk(['deploy', '--all', ...ofCdk], environment);
}

export const deploy: Command = { name: 'deploy', help, verbs: checkAndDeploy };

if (import.meta.main) await runCommand(deploy);
