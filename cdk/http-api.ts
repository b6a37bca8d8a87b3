import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  ApiMapping,
  type DomainName,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Aws, Fn, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { defaultLambda, httpRoutes, type LambdaName } from '../functions/routes.ts';
import type { StackConfig } from './config.ts';
import { stages } from './stages.ts';

/** One line of JSON a request. Never the query string: it can carry a ticket. */
const ACCESS_LOG_FIELDS = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  routeKey: '$context.routeKey',
  status: '$context.status',
  sourceIp: '$context.identity.sourceIp',
  userAgent: '$context.identity.userAgent',
  responseLatency: '$context.responseLatency',
  integrationLatency: '$context.integrationLatency',
};

/**
 * An HTTP API without routes, so that the functions can be told its URL before the routes are told the functions. With a host
 * of its own it is reached by no other.
 */
export function createHttpApi(
  scope: Construct,
  { stackName, throttle, stage }: StackConfig,
  domainName?: DomainName,
): HttpApi {
  const { logRetention, removalPolicy } = stages[stage];
  const api = new HttpApi(scope, 'Api', {
    apiName: stackName,
    description: 'Actor tokens: the Backend API and the Frontend API',
    createDefaultStage: false,
    disableExecuteApiEndpoint: domainName !== undefined,
  });
  Validations.of(api).acknowledge({
    id: 'AwsSolutions-APIG4',
    reason:
      'The functions authorize: they read the secret key, or the session of the cookie, consistently at each call. ' +
      'An authorizer of the API would do it in a call of its own, or remember an answer after the key was revoked.',
  });
  const accessLogs = new LogGroup(scope, 'AccessLogs', {
    // Below this path API Gateway may write without a statement for each API in the account's one policy for logs, whose size
    // is limited. With an id of the stack: what an earlier stack of the same name left behind is not in the way.
    logGroupName: `/aws/vendedlogs/${stackName}/${Fn.select(2, Fn.split('/', Aws.STACK_ID))}/access`,
    retention: logRetention,
    removalPolicy,
  });
  const defaultStage = new HttpStage(scope, 'DefaultStage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: throttle.requestsPerSecond, burstLimit: throttle.burst },
    accessLogSettings: {
      destination: new LogGroupLogDestination(accessLogs),
      format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
    },
  });
  if (domainName) new ApiMapping(scope, 'DomainMapping', { api, domainName, stage: defaultStage });
  return api;
}

/**
 * Sends every route of functions/routes.ts to its Lambda, and all else to the one that answers 404, 405 and CORS
 * preflights.
 */
export function addRoutes(api: HttpApi, functions: ReadonlyMap<LambdaName, IFunction>): void {
  for (const [lambda, fn] of functions) {
    const integration = new HttpLambdaIntegration(lambda, fn);
    for (const { method, path } of httpRoutes().filter((route) => route.lambda === lambda))
      api.addRoutes({ path, methods: [HttpMethod[method]], integration });
    if (lambda === defaultLambda)
      new HttpRoute(api, 'DefaultRoute', { httpApi: api, routeKey: HttpRouteKey.DEFAULT, integration });
  }
}
