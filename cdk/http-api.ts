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
import { FilterPattern, LogGroup, MetricFilter, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Aws, Fn, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { defaultLambda, httpRoutes, type LambdaName } from '../functions/routes.ts';
import type { Config } from './config/schema.ts';
import { filteredMetric } from './monitoring/metrics.ts';
import { protectionOf } from './protection.ts';

/** The access log has one line of JSON for each request. It never holds the query string, which can carry a ticket. */
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
 * Protected or not: the access log has the address and the browser of every visitor of the app, where a page asks who is signed in. An
 * investigation needs it for days, and the record of who acted as whom does not need it.
 */
const ACCESS_LOG_RETENTION = RetentionDays.ONE_MONTH;

/**
 * Counts the requests that API Gateway answered with 429 by itself, because of its throttle. They reach no function, so they have no
 * latency of the integration: API Gateway writes "-" for a value that does not exist.
 */
function countThrottledRequests(scope: Construct, logGroup: LogGroup, config: Config): void {
  new MetricFilter(scope, 'ThrottledRequests', {
    logGroup,
    filterPattern: FilterPattern.all(
      FilterPattern.stringValue('$.status', '=', '429'),
      FilterPattern.stringValue('$.integrationLatency', '=', '-'),
    ),
    ...filteredMetric(config, 'ThrottledRequests'),
  });
}

/** Creates the access log of the API, and counts in it what no function sees. */
export function createAccessLogs(scope: Construct, config: Config): LogGroup {
  const accessLogs = new LogGroup(scope, 'AccessLogs', {
    // API Gateway may write below this path without a statement for each API in the account's one resource policy for logs,
    // whose size is limited. The id of the stack keeps the name apart from the log group that an earlier stack of the same name
    // retained.
    logGroupName: `/aws/vendedlogs/${config.stackName}/${Fn.select(2, Fn.split('/', Aws.STACK_ID))}/access`,
    retention: ACCESS_LOG_RETENTION,
    removalPolicy: protectionOf(config).removalPolicy,
  });
  countThrottledRequests(scope, accessLogs, config);
  return accessLogs;
}

interface HttpApiParts {
  readonly accessLogs: LogGroup;
  /** The API's own host, if it has one. */
  readonly domainName: DomainName | undefined;
}

/** Creates the stage that serves the API at its root, with its throttle and its access log. */
function createStage(scope: Construct, api: HttpApi, accessLogs: LogGroup, config: Config): HttpStage {
  const { requestsPerSecond, burst } = config;
  return new HttpStage(scope, 'DefaultStage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: requestsPerSecond, burstLimit: burst },
    accessLogSettings: {
      destination: new LogGroupLogDestination(accessLogs),
      format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
    },
  });
}

/**
 * Creates the HTTP API, as yet without routes: the functions need its URL before the routes can name the functions. If it has a
 * host of its own, API Gateway's host does not serve it.
 */
export function createHttpApi(scope: Construct, config: Config, { accessLogs, domainName }: HttpApiParts): HttpApi {
  const api = new HttpApi(scope, 'Api', {
    apiName: config.stackName,
    description: 'Actor tokens: the Backend API and the Frontend API',
    createDefaultStage: false,
    disableExecuteApiEndpoint: domainName !== undefined,
  });
  Validations.of(api).acknowledge({
    id: 'AwsSolutions-APIG4',
    reason:
      'The functions authorize: at each call they read the secret key, or the session of the cookie, consistently. ' +
      'An authorizer would need a call of its own, or would cache its answer after the key was revoked.',
  });
  const defaultStage = createStage(scope, api, accessLogs, config);
  if (domainName) new ApiMapping(scope, 'DomainMapping', { api, domainName, stage: defaultStage });
  return api;
}

/**
 * Sends every route of functions/routes.ts to its Lambda, and every other request to the Lambda that answers 404, 405 and CORS
 * preflights.
 */
export function addRoutes(api: HttpApi, functions: ReadonlyMap<LambdaName, IFunction>): void {
  for (const [lambda, fn] of functions) {
    // One permission for each function, and not for each route: two instances then fit into the 500 resources of a stack.
    const integration = new HttpLambdaIntegration(lambda, fn, { scopePermissionToRoute: false });
    for (const { method, path } of httpRoutes().filter((route) => route.lambda === lambda))
      api.addRoutes({ path, methods: [HttpMethod[method]], integration });
    if (lambda === defaultLambda)
      new HttpRoute(api, 'DefaultRoute', { httpApi: api, routeKey: HttpRouteKey.DEFAULT, integration });
  }
}
