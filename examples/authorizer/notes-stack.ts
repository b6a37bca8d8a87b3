import { fileURLToPath } from 'node:url';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

export interface NotesStackProps {
  /** `iss` of the session tokens: the output `Issuer` of the stack of actor tokens. */
  readonly issuer: string;
  /** The origins of your pages. The token's `azp` must be one of them. */
  readonly authorizedParties: readonly string[];
  /** `refuse` limits a person who acts as a user to reading. */
  readonly writesWhileImpersonating: 'allow' | 'refuse';
}

/** An HTTP API of your own that accepts only session tokens on each of its routes. */
export class NotesStack extends Stack {
  constructor(scope: Construct, { issuer, authorizedParties, writesWhileImpersonating }: NotesStackProps) {
    super(scope, 'notes', {
      description: 'Example: an HTTP API that accepts session tokens through a Lambda authorizer',
    });

    const authorize = this.addFunction('Authorize', 'authorize.ts', {
      ISSUER: issuer,
      AUTHORIZED_PARTIES: authorizedParties.join(','),
      WRITES_WHILE_IMPERSONATING: writesWhileImpersonating,
    });
    const authorizer = new HttpLambdaAuthorizer('Authorizer', authorize, {
      identitySource: ['$request.header.Authorization'],
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      // A cached result would outlive the token's 60 seconds, and the result for a GET would also authorize a POST.
      resultsCacheTtl: Duration.seconds(0),
    });
    const api = new HttpApi(this, 'Api', { defaultAuthorizer: authorizer });
    const integration = new HttpLambdaIntegration('Notes', this.addFunction('Notes', 'notes.ts'));
    api.addRoutes({ path: '/notes', methods: [HttpMethod.GET, HttpMethod.POST], integration });
    new CfnOutput(this, 'ApiUrl', { value: api.apiEndpoint });
  }

  /** Adds a function whose role allows it to write to its own log only. */
  private addFunction(id: string, file: string, environment: Record<string, string> = {}): NodejsFunction {
    const logGroup = new LogGroup(this, `${id}Logs`, { retention: RetentionDays.ONE_WEEK });
    const role = new Role(this, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    return new NodejsFunction(this, id, {
      entry: fileURLToPath(new URL(`functions/${file}`, import.meta.url)),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout: Duration.seconds(5),
      bundling: { format: OutputFormat.ESM, target: 'node24', minify: true },
      environment,
      role,
      logGroup,
    });
  }
}
