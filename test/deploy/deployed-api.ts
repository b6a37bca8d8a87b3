import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { kmsKeyArn } from '../../local/aws/account.ts';
import { openClock } from '../../local/aws/clock.ts';
import { forwarder } from '../../local/aws/dynamodb/forward.ts';
import { openHttpApi } from '../../local/aws/http-api/http-api.ts';
import type { ResourcePolicies } from '../../local/aws/iam/authorize.ts';
import { startGuard } from '../../local/aws/iam/guard.ts';
import { keyPoliciesOf } from '../../local/aws/iam/key-policy.ts';
import { type Role, roleOf } from '../../local/aws/iam/role.ts';
import { startFunctions } from '../../local/aws/lambda/functions.ts';
import { directoryAt } from '../../local/directory.ts';
import { withResources } from '../../local/resources.ts';
import type { Emulator, Inventory } from './emulator.ts';

export interface DeployedApi {
  readonly baseUrl: string;
  stop(): Promise<void>;
}

export interface DeployedApiOptions {
  readonly emulator: Emulator;
  readonly stackName: string;
  /** An empty directory of this run alone. */
  readonly directory: string;
  readonly report: (line: string) => void;
}

/** What a role may do, by the policies that were deployed. */
function deployedRole({ roles }: Inventory, name: string): Role {
  const Policies = roles.find((role) => role.name === name)?.policies.map((PolicyDocument) => ({ PolicyDocument }));
  const template = { Resources: { [name]: { Type: 'AWS::IAM::Role', Properties: { Policies } } } };
  return roleOf({ template, resolve: (value) => value }, { 'Fn::GetAtt': [name, 'Arn'] });
}

/** What the deployed policies of the keys let roles do, by the ARN of the key. */
function deployedKeyPolicies({ keys }: Inventory): ResourcePolicies {
  return new Map(
    keys.map(({ id, policy: KeyPolicy }) => {
      const template = { Resources: { [id]: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy } } } };
      const [statements = []] = keyPoliciesOf(template, (value) => value).values();
      return [kmsKeyArn(id), statements];
    }),
  );
}

/**
 * Serves what was deployed: the routes of the deployed API, which lead to the uploaded code of the deployed functions, with
 * their deployed environment and nothing more than what their deployed roles and the keys' policies allow, on the deployed tables and keys. Only what
 * API Gateway and Lambda do with all that is this machine's.
 */
export async function serveDeployed(options: DeployedApiOptions): Promise<DeployedApi> {
  return withResources((resources) => serve(options, resources));
}

async function serve(
  { emulator, stackName, directory, report }: DeployedApiOptions,
  resources: AsyncDisposableStack,
): Promise<DeployedApi> {
  const paths = directoryAt(join(directory, randomUUID()));
  const code = join(paths.path, 'code');
  await mkdir(code, { recursive: true });
  const inventory = await emulator.inventory(code);
  const functions = inventory.functions
    .filter(({ name }) => name.startsWith(`${stackName}-`))
    .map((fn) => ({ ...fn, directory: join(code, fn.name), role: deployedRole(inventory, fn.role) }));
  const [{ FRONTEND_API_URL } = {}] = functions.map(({ environment }) => environment);
  const deployed = inventory.apis.find(({ endpoint }) => endpoint === FRONTEND_API_URL);
  if (!deployed) throw new Error(`No deployed API has the URL that the functions were told: ${FRONTEND_API_URL}.`);

  const services = forwarder(emulator.endpoint);
  resources.defer(services.stop);
  const guard = await startGuard({
    functions,
    keyPolicies: deployedKeyPolicies(inventory),
    services: { dynamodb: services.send, kms: services.send, events: services.send, s3: () => services.send },
    report,
  });
  resources.defer(guard.stop);
  const clock = await openClock(paths.clock);
  const running = await startFunctions({
    definitions: functions,
    serviceEndpoint: guard.endpoint,
    clock: clock.shared,
    logFile: paths.logFile,
    compileCache: paths.compileCache,
    concurrency: 4,
    report,
  });
  resources.defer(running.stop);
  const api = await openHttpApi(0);
  resources.defer(api.stop);
  api.serve({
    routes: deployed.routes,
    invoke: running.invoke,
    now: Date.now,
    answerLocally: () => undefined,
    onRequest: () => undefined,
  });
  return { baseUrl: api.endpoint, stop: () => resources.disposeAsync() };
}
