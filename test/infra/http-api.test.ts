import { describe, expect, test } from 'vitest';
import { lambdaNames } from '../../cdk/bundle/bundle.ts';
import { defaultLambda, httpRoutes, routes } from '../../functions/routes.ts';
import { readable, resourceName, resourcesOf, synthesized } from './synthesized.ts';

const template = synthesized();
const [[apiId, api] = []] = resourcesOf(template, 'AWS::ApiGatewayV2::Api');
const [[, stage] = []] = resourcesOf(template, 'AWS::ApiGatewayV2::Stage');
const integrations = resourcesOf(template, 'AWS::ApiGatewayV2::Integration');

/** `GET /v1/users → UsersFunction.Arn` for every route of the template. */
function routed(): readonly string[] {
  const functionOf = new Map(integrations.map(([id, { Properties }]) => [id, readable(Properties.IntegrationUri)]));
  return resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => {
    const integration = /[^/]+$/.exec(JSON.stringify(Properties.Target))?.[0].match(/"Ref":"(\w+)"/)?.[1] ?? '';
    return `${Properties.RouteKey} → ${functionOf.get(integration)}`;
  });
}

describe('the HTTP API', () => {
  test('has every route of the list once, to the Lambda it names, and no other', () => {
    const expected = httpRoutes().map(
      ({ method, path, lambda }) => `${method} ${path} → ${resourceName(lambda)}Function.Arn`,
    );

    expect([...routed()].sort()).toEqual([...expected, `$default → ${resourceName(defaultLambda)}Function.Arn`].sort());
  });

  test.each(routes)('routes $method $path ($operation)', ({ method, path, lambda }) => {
    expect(routed()).toContain(`${method} ${path} → ${resourceName(lambda)}Function.Arn`);
  });

  test('sends payload format 2.0 to every Lambda, by one integration each', () => {
    expect(integrations).toHaveLength(lambdaNames.length);
    for (const [, { Properties }] of integrations)
      expect(Properties).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
  });

  test('has the name of the stack', () => {
    expect(api?.Properties.Name).toBe('actor-tokens-dev');
  });

  test('leaves CORS to the functions', () => {
    expect(api?.Properties).not.toHaveProperty('CorsConfiguration');
  });

  test('is the only one that may invoke the functions', () => {
    for (const [, { Properties }] of resourcesOf(template, 'AWS::Lambda::Permission')) {
      expect(Properties).toMatchObject({ Action: 'lambda:InvokeFunction', Principal: 'apigateway.amazonaws.com' });
      expect(JSON.stringify(Properties.SourceArn)).toContain(JSON.stringify({ Ref: apiId }));
    }
  });
});

describe('the stage', () => {
  test('serves the API at its root and limits the rate of requests', () => {
    expect(stage?.Properties).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 80, ThrottlingBurstLimit: 40 },
    });
  });

  test('writes its access log where API Gateway may, under a name that no earlier stack has left behind', () => {
    const [[, group] = []] = resourcesOf(template, 'AWS::Logs::LogGroup').filter(([id]) => id.startsWith('AccessLogs'));
    const ofThisStack = JSON.stringify({ 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] });

    expect(readable(group?.Properties.LogGroupName)).toBe(`/aws/vendedlogs/actor-tokens-dev/${ofThisStack}/access`);
  });

  test('writes an access log without query string, path, headers or body', () => {
    const settings = stage?.Properties.AccessLogSettings as { Format: string; DestinationArn: unknown };

    expect(readable(settings.DestinationArn)).toBe('AccessLogs.Arn');
    expect(JSON.parse(settings.Format)).toEqual({
      requestId: '$context.requestId',
      requestTime: '$context.requestTime',
      routeKey: '$context.routeKey',
      status: '$context.status',
      sourceIp: '$context.identity.sourceIp',
      userAgent: '$context.identity.userAgent',
      responseLatency: '$context.responseLatency',
      integrationLatency: '$context.integrationLatency',
    });
  });
});
