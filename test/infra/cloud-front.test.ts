import { describe, expect, test, vi } from 'vitest';
import { addChecks } from '../../cdk/checks.ts';
import { CloudFrontStack } from '../../cdk/cloud-front-stack.ts';
import { stackConfig } from '../../cdk/config.ts';
import { appWith, discardApps, readable, resourcesOf, synthesized, type Template } from './synthesized.ts';

const originSecretHashes = ['a'.repeat(64), 'b'.repeat(64)];
const configured = {
  stage: 'prod',
  domainName: 'clerk.example.com',
  certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/0f1e2d3c',
  cloudFront: {
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/4b5a6978',
    originDomainName: 'origin.clerk.example.com',
    originSecretName: 'actor-tokens-prod/origin',
    originSecretHashes,
    requestsPerAddress: 600,
  },
};
const zone = { hostedZoneId: 'Z0123456789ABCDEFGHIJ', hostedZoneName: 'example.com' };

function appInFront(context: Readonly<Record<string, unknown>>, checked = false) {
  const { app, stack } = appWith(context, { checked });
  const config = stackConfig(app.node);
  if (!config.cloudFront) throw new Error('CloudFront is not configured.');
  return { app, stack, inFront: new CloudFrontStack(app, config, config.cloudFront) };
}

function templateInFront(context: Readonly<Record<string, unknown>>): Template {
  const { app, inFront } = appInFront(context);
  const template: Template = app.synth().getStackArtifact(inFront.artifactId).template;
  discardApps();
  return template;
}

const template = templateInFront({ actorTokens: configured });
const api = synthesized({ actorTokens: configured });

// biome-ignore lint/suspicious/noExplicitAny: properties of a template; the tests state what is in them.
function propertiesOf(type: string, of = template): any {
  const [[, resource] = []] = resourcesOf(of, type);
  return resource?.Properties;
}

const settings = propertiesOf('AWS::CloudFront::Distribution').DistributionConfig;
const acl = propertiesOf('AWS::WAFv2::WebACL');
const behaviors = [settings.DefaultCacheBehavior, ...settings.CacheBehaviors];

describe('CloudFront', () => {
  test('is in us-east-1, in a stack of its own that is named after the other', () => {
    const { inFront } = appInFront({ actorTokens: configured });
    discardApps();

    expect([inFront.stackName, inFront.region]).toEqual(['actor-tokens-prod-cloudfront', 'us-east-1']);
    expect(inFront.terminationProtection).toBe(true);
  });

  test("passes every check, together with the API's stack", { timeout: 60_000 }, async () => {
    vi.stubEnv('CDK_VALIDATION', undefined);
    const { app } = appInFront({ actorTokens: { ...configured, ...zone } }, true);
    await addChecks(app);

    expect(() => app.synth()).not.toThrow();
    discardApps();
    vi.unstubAllEnvs();
  });

  test('answers by the domain name, with TLS 1.2 at least', () => {
    expect(settings.Aliases).toEqual(['clerk.example.com']);
    expect(settings.ViewerCertificate).toEqual({
      AcmCertificateArn: configured.cloudFront.certificateArn,
      MinimumProtocolVersion: 'TLSv1.2_2021',
      SslSupportMethod: 'sni-only',
    });
  });

  test('refuses plain HTTP, where a redirect would come after the ticket was sent', () => {
    expect(behaviors.map(({ ViewerProtocolPolicy }) => ViewerProtocolPolicy)).toEqual(
      behaviors.map(() => 'https-only'),
    );
  });

  test("asks the API's own host, by TLS 1.2 alone", () => {
    expect(settings.Origins).toHaveLength(1);
    expect(settings.Origins[0]).toMatchObject({
      DomainName: 'origin.clerk.example.com',
      CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] },
    });
  });

  test('passes on every method, header, cookie and query, but for the Host', () => {
    for (const { AllowedMethods, OriginRequestPolicyId } of behaviors) {
      expect(AllowedMethods).toHaveLength(7);
      // AllViewerExceptHostHeader.
      expect(OriginRequestPolicyId).toBe('b689b0a8-53d0-40ab-baf2-68738e2966ac');
    }
  });

  test('keeps nothing but what is the same for everyone, and that for as long as the API says', () => {
    // CachingDisabled.
    expect(settings.DefaultCacheBehavior.CachePolicyId).toBe('4135ea2d-6df8-44a3-9df3-4b5a84be39ad');
    expect(settings.CacheBehaviors.map((behavior: { PathPattern: string }) => behavior.PathPattern)).toEqual([
      '/.well-known/*',
      '/v1/impersonation-banner.js',
      '/v1/openapi.json',
    ]);
    expect(propertiesOf('AWS::CloudFront::CachePolicy').CachePolicyConfig).toMatchObject({
      MinTTL: 0,
      DefaultTTL: 0,
      MaxTTL: 300,
    });
  });

  test('keeps no error: one that a browser is told is not shown to another', () => {
    const kept = settings.CustomErrorResponses.filter(
      (response: { ErrorCachingMinTTL: number }) => response.ErrorCachingMinTTL !== 0,
    );

    expect(kept).toEqual([]);
    expect(settings.CustomErrorResponses.map((response: { ErrorCode: number }) => response.ErrorCode)).toEqual([
      400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504,
    ]);
  });

  test('tells the address of the viewer in place of what the viewer claims', () => {
    const [[id, fn] = []] = resourcesOf(template, 'AWS::CloudFront::Function');
    const handler = new Function(`${fn?.Properties.FunctionCode}; return handler;`)();
    const headers = { 'x-viewer-address': { value: '10.0.0.1' }, accept: { value: '*/*' } };

    const request = handler({ viewer: { ip: '2001:db8::7' }, request: { uri: '/v1/client', headers } });

    expect(request).toEqual({
      uri: '/v1/client',
      headers: { 'x-viewer-address': { value: '2001:db8::7' }, accept: { value: '*/*' } },
    });
    for (const { FunctionAssociations } of behaviors)
      expect(
        FunctionAssociations.map(({ EventType, FunctionARN }: Record<string, unknown>) => [EventType, FunctionARN]),
      ).toEqual([['viewer-request', { 'Fn::GetAtt': [id, 'FunctionARN'] }]]);
  });

  test('an output says where the name has to lead, when no zone is told', () => {
    expect(readable(template.Outputs.DomainNameTarget?.Value)).toBe('Distribution.DomainName');
  });

  test('in a hosted zone it has the domain name, and the API the other', () => {
    const context = { actorTokens: { ...configured, ...zone } };
    const namesIn = (stack: Template) =>
      resourcesOf(stack, 'AWS::Route53::RecordSet').map(([, { Properties }]) => [Properties.Type, Properties.Name]);

    expect(namesIn(templateInFront(context))).toEqual([
      ['A', 'clerk.example.com.'],
      ['AAAA', 'clerk.example.com.'],
    ]);
    expect(namesIn(synthesized(context))).toEqual([
      ['A', 'origin.clerk.example.com.'],
      ['AAAA', 'origin.clerk.example.com.'],
    ]);
  });
});

describe('the origin secret', () => {
  test('is filled in by CloudFormation: the template holds its name', () => {
    expect(settings.Origins[0].OriginCustomHeaders).toEqual([
      {
        HeaderName: 'x-origin-secret',
        HeaderValue: '{{resolve:secretsmanager:actor-tokens-prod/origin:SecretString:::}}',
      },
    ]);
  });

  test('is known to every function by its hashes, and to no other part of the stack', () => {
    for (const [, { Properties }] of resourcesOf(api, 'AWS::Lambda::Function'))
      expect(Properties.Environment).toMatchObject({
        Variables: { ORIGIN_SECRET_HASHES: originSecretHashes.join(',') },
      });
    expect(JSON.stringify(api)).not.toContain('secretsmanager');
  });

  test('is asked of nobody when there is no CloudFront', () => {
    expect(JSON.stringify(synthesized())).not.toContain('ORIGIN_SECRET_HASHES');
  });
});

describe('the API behind CloudFront', () => {
  test('has the host that CloudFront asks, and no other', () => {
    expect(propertiesOf('AWS::ApiGatewayV2::DomainName', api).DomainName).toBe('origin.clerk.example.com');
    expect(propertiesOf('AWS::ApiGatewayV2::Api', api).DisableExecuteApiEndpoint).toBe(true);
  });

  test('is told of as the domain name', () => {
    expect(api.Outputs.ApiUrl?.Value).toBe('https://clerk.example.com');
    expect(api.Outputs.FrontendApiUrl?.Value).toBe('https://clerk.example.com');
  });
});

describe('the web ACL', () => {
  test('is that of the distribution', () => {
    expect(acl.Scope).toBe('CLOUDFRONT');
    expect(readable(settings.WebACLId)).toBe('WebAcl.Arn');
  });

  test('lets an address ask so often in five minutes, and then tells it in the published form', () => {
    const [rule] = acl.Rules;
    const { ResponseCode, CustomResponseBodyKey } = rule.Action.Block.CustomResponse;

    expect(rule.Statement).toEqual({
      RateBasedStatement: { AggregateKeyType: 'IP', EvaluationWindowSec: 300, Limit: 600 },
    });
    expect(ResponseCode).toBe(429);
    expect(JSON.parse(acl.CustomResponseBodies[CustomResponseBodyKey].Content)).toMatchObject({
      errors: [{ code: 'too_many_requests', message: expect.any(String), long_message: expect.any(String) }],
    });
  });

  test('turns away addresses that AWS knows for attacks', () => {
    expect(acl.Rules.map((rule: { Statement: object }) => JSON.stringify(rule.Statement))).toContainEqual(
      expect.stringContaining('AWSManagedRulesAmazonIpReputationList'),
    );
  });
});

describe('nothing keeps a query string, which can carry a ticket', () => {
  test('no log of CloudFront', () => {
    expect(settings).not.toHaveProperty('Logging');
    const types = Object.values(template.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => /Log|Delivery|RealtimeLogConfig|Firehose|Bucket/.test(type))).toEqual([]);
    expect(behaviors.filter((behavior: object) => 'RealtimeLogConfigArn' in behavior)).toEqual([]);
  });

  test('no log of WAF', () => {
    expect(resourcesOf(template, 'AWS::WAFv2::LoggingConfiguration')).toEqual([]);
  });

  test('no sample of WAF', () => {
    const configs = [acl, ...acl.Rules].map((part: { VisibilityConfig: object }) => part.VisibilityConfig);

    expect(configs).toHaveLength(3);
    for (const config of configs) expect(config).toMatchObject({ SampledRequestsEnabled: false });
  });

  test('no access log of the API', () => {
    expect(resourcesOf(api, 'AWS::ApiGatewayV2::Stage')).toHaveLength(1);
    expect(propertiesOf('AWS::ApiGatewayV2::Stage', api).AccessLogSettings.Format).not.toMatch(
      /\$context\.(path|protocol|.*[qQ]uery|requestOverride)/,
    );
  });
});
