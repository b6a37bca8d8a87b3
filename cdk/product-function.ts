import { Policy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { limits } from '../shared/base/limits.ts';
import { type BundleName, bundle } from './bundle/bundle.ts';
import type { Protection } from './protection.ts';

export interface ProductFunctionProps {
  readonly lambda: BundleName;
  /** The operators and the policy as JSON; undefined where neither is configured. */
  readonly authority: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** All permissions of the function, besides writing its own log. */
  readonly statements: readonly PolicyStatement[];
  readonly protection: Protection;
  /** The memory, with which Lambda allots the CPU: one at 1,769 MB, a part of it below. 512 by default. */
  readonly memoryInMegabytes?: number;
  /** Execution environments reserved for the function; undefined to share those of the account. */
  readonly reservedConcurrency?: number | undefined;
  /** The longest time of an invocation; that of a request by default. */
  readonly timeoutInSeconds?: number;
}

/** Creates a role that may write to the log group. */
function createRole(scope: Construct, lambda: BundleName, logGroup: LogGroup): Role {
  return new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: `The permissions of the Lambda ${lambda} of Actor Tokens`,
    inlinePolicies: {
      Logs: new PolicyDocument({
        statements: [
          new PolicyStatement({
            actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            resources: [logGroup.logGroupArn],
          }),
        ],
      }),
    },
  });
}

/**
 * A Lambda with a log group and a role of its own. The role has the permissions of `statements` and may write to that log group, and nothing
 * else: it has no AWS managed policy and no tracing.
 */
export class ProductFunction extends Construct {
  readonly fn: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: ProductFunctionProps) {
    super(scope, id);
    const { lambda, authority, environment, statements, protection, reservedConcurrency } = props;
    const { memoryInMegabytes = 512, timeoutInSeconds = limits.functionTimeoutInSeconds } = props;

    const logGroup = new LogGroup(this, 'Logs', {
      retention: protection.logRetention,
      removalPolicy: protection.removalPolicy,
    });
    this.role = createRole(this, lambda, logGroup);
    // A resource of its own: the policies of the keys name the role, and this policy names the keys.
    const permissions =
      statements.length > 0 && new Policy(this, 'Permissions', { statements: [...statements], roles: [this.role] });
    this.fn = new LambdaFunction(this, 'Function', {
      code: bundle(this, lambda, authority),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memoryInMegabytes,
      timeout: Duration.seconds(timeoutInSeconds),
      environment: { ...environment },
      role: this.role,
      logGroup,
      ...(reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
    });
    if (permissions) this.fn.node.addDependency(permissions);
  }
}
