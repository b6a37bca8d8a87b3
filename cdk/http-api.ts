import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
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
import { Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { defaultLambda, httpRoutes, type LambdaName } from '../functions/routes.ts';
import type { StageSettings } from './stages.ts';

/**
 * For each route by itself, in requests a second. Seven routes end in a KMS signature, one of them in two, and an account has
 * 1,000 RSA signatures a second: even all of them flooded at once (8 × 120) stay below that, and revoking, which signs nothing,
 * keeps its own share. 80 token refreshes a second are 4,000 people impersonating at the same time.
 */
const THROTTLE = { rateLimit: 80, burstLimit: 40 };

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

/** An HTTP API without routes, so that the functions can be told its URL before the routes are told the functions. */
export function createHttpApi(scope: Construct, stage: StageSettings): HttpApi {
  const api = new HttpApi(scope, 'Api', {
    description: 'Actor tokens: the Backend API and the Frontend API',
    createDefaultStage: false,
  });
  Validations.of(api).acknowledge({
    id: 'AwsSolutions-APIG4',
    reason:
      'The functions authorize: they read the secret key, or the session of the cookie, consistently at each call. ' +
      'An authorizer of the API would do it in a call of its own, or remember an answer after the key was revoked.',
  });
  const accessLogs = new LogGroup(scope, 'AccessLogs', {
    retention: stage.logRetention,
    removalPolicy: stage.removalPolicy,
  });
  new HttpStage(scope, 'DefaultStage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    throttle: THROTTLE,
    accessLogSettings: {
      destination: new LogGroupLogDestination(accessLogs),
      format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
    },
  });
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
