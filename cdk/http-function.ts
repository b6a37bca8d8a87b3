import { Policy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { LambdaName } from '../functions/routes.ts';
import { limits } from '../shared/base/limits.ts';
import { bundle } from './bundle/bundle.ts';
import type { StageSettings } from './stages.ts';

export interface HttpFunctionProps {
  readonly lambda: LambdaName;
  readonly environment: Readonly<Record<string, string>>;
  /** All it may do, besides writing its own log. */
  readonly statements: readonly PolicyStatement[];
  readonly stage: StageSettings;
  /** Execution environments kept for it; undefined to share the account's. */
  readonly reservedConcurrency: number | undefined;
}

/**
 * A Lambda behind the HTTP API, with a log group and a role of its own. The role may do what `statements` say and write
 * to that log group, and nothing else: no AWS managed policy, no tracing.
 */
export class HttpFunction extends Construct {
  readonly fn: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: HttpFunctionProps) {
    super(scope, id);
    const { lambda, environment, statements, stage, reservedConcurrency } = props;

    const logGroup = new LogGroup(this, 'Logs', { retention: stage.logRetention, removalPolicy: stage.removalPolicy });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What the Lambda ${lambda} may do: cdk/permissions.ts`,
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
    // Apart from the role, whose name is in the policies of the keys that this policy names.
    const permissions =
      statements.length > 0 && new Policy(this, 'Permissions', { statements: [...statements], roles: [this.role] });
    this.fn = new LambdaFunction(this, 'Function', {
      code: bundle(lambda),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout: Duration.seconds(limits.functionTimeoutInSeconds),
      // Readable stack traces, for 10 ms of a cold start.
      environment: { NODE_OPTIONS: '--enable-source-maps', ...environment },
      role: this.role,
      logGroup,
      ...(reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
    });
    if (permissions) this.fn.node.addDependency(permissions);
  }
}
