import { describe, expect, test } from 'vitest';
import { behindCloudFront, originSecretHashes, zone } from './configured.ts';
import {
  appWith,
  discardApps,
  environmentOf,
  propertiesOf,
  resourcesOf,
  synthesized,
  synthesizedCloudFront,
  type Template,
} from './synthesized.ts';

const template = synthesizedCloudFront(behindCloudFront);
const api = synthesized(behindCloudFront);

// biome-ignore lint/suspicious/noExplicitAny: properties of a template; the tests state what is in them.
function onlyOf(type: string, of = template): any {
  return resourcesOf(of, type)[0]?.[1].Properties;
}

const settings = onlyOf('AWS::CloudFront::Distribution').DistributionConfig;
const acl = onlyOf('AWS::WAFv2::WebACL');
const behaviors = [settings.DefaultCacheBehavior, ...settings.CacheBehaviors];

/** The properties that matter of each resource. */
const rows: Readonly<Record<string, readonly [of: Template, kind: string, properties: object]>> = {
  'CloudFront serves the domain name with TLS 1.2 at least, and has the web ACL': [
    template,
    'AWS::CloudFront::Distribution',
    {
      DistributionConfig: {
        Aliases: ['clerk.example.com'],
        ViewerCertificate: {
          AcmCertificateArn: behindCloudFront.cloudFront.certificateArn,
          MinimumProtocolVersion: 'TLSv1.2_2021',
          SslSupportMethod: 'sni-only',
        },
        WebACLId: 'WebAcl.Arn',
      },
    },
  ],
  "CloudFront reaches the API's own host over TLS 1.2, and sends a secret that CloudFormation resolves": [
    template,
    'AWS::CloudFront::Distribution',
    {
      DistributionConfig: {
        Origins: [
          {
            DomainName: 'origin.clerk.example.com',
            CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] },
            OriginCustomHeaders: [
              {
                HeaderName: 'x-origin-secret',
                HeaderValue: '{{resolve:secretsmanager:actor-tokens-prod/origin:SecretString:::}}',
              },
            ],
          },
        ],
      },
    },
  ],
  'CloudFront caches what the API lets it cache, for at most 5 minutes': [
    template,
    'AWS::CloudFront::CachePolicy',
    { CachePolicyConfig: { MinTTL: 0, DefaultTTL: 0, MaxTTL: 300 } },
  ],
  'the web ACL limits each address and blocks those that AWS knows for attacks': [
    template,
    'AWS::WAFv2::WebACL',
    {
      Scope: 'CLOUDFRONT',
      Rules: [
        {
          Statement: { RateBasedStatement: { AggregateKeyType: 'IP', EvaluationWindowSec: 300, Limit: 600 } },
          Action: { Block: { CustomResponse: { ResponseCode: 429 } } },
        },
        { Statement: { ManagedRuleGroupStatement: { Name: 'AWSManagedRulesAmazonIpReputationList' } } },
      ],
    },
  ],
  'in a hosted zone CloudFront has the record of the domain name': [
    synthesizedCloudFront({ ...behindCloudFront, ...zone }),
    'AWS::Route53::RecordSet HostedZoneIpv4Alias',
    { Type: 'A', Name: 'clerk.example.com.' },
  ],
};

test.each(Object.entries(rows))('%s', (_rule, [of, kind, properties]) => {
  const found = propertiesOf(of, kind);

  expect(found).not.toHaveLength(0);
  for (const each of found) expect(each).toMatchObject(properties);
});

test('CloudFront is in us-east-1, in a protected stack that is named after the other', () => {
  const { cloudFrontStack } = appWith(behindCloudFront);
  discardApps();

  expect(cloudFrontStack).toMatchObject({
    stackName: 'actor-tokens-prod-cloudfront',
    region: 'us-east-1',
    terminationProtection: true,
  });
});

test('every path requires https, because a redirect comes after the ticket was sent', () => {
  for (const behavior of behaviors) expect(behavior).toMatchObject({ ViewerProtocolPolicy: 'https-only' });
});

test('every path forwards every method, header, cookie and query, except the Host header', () => {
  for (const { AllowedMethods, OriginRequestPolicyId } of behaviors) {
    expect(AllowedMethods).toHaveLength(7);
    // AllViewerExceptHostHeader.
    expect(OriginRequestPolicyId).toBe('b689b0a8-53d0-40ab-baf2-68738e2966ac');
  }
});

test('only paths whose answers are the same for everyone are cached', () => {
  // CachingDisabled.
  expect(settings.DefaultCacheBehavior.CachePolicyId).toBe('4135ea2d-6df8-44a3-9df3-4b5a84be39ad');
  expect(settings.CacheBehaviors.map((behavior: { PathPattern: string }) => behavior.PathPattern)).toEqual([
    '/.well-known/*',
    '/v1/impersonation-banner.js',
    '/v1/openapi.json',
  ]);
});

test('no error is cached, so that nobody gets the error of another browser', () => {
  expect(settings.CustomErrorResponses).toEqual(
    [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504].map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })),
  );
});

test('the address of the viewer replaces the one that the viewer sends', () => {
  const [[id, fn] = []] = resourcesOf(template, 'AWS::CloudFront::Function');
  const handler = new Function(`${fn?.Properties.FunctionCode}; return handler;`)();
  const headers = { 'x-viewer-address': { value: '10.0.0.1' }, accept: { value: '*/*' } };

  const request = handler({ viewer: { ip: '2001:db8::7' }, request: { uri: '/v1/client', headers } });

  expect(request).toEqual({
    uri: '/v1/client',
    headers: { 'x-viewer-address': { value: '2001:db8::7' }, accept: { value: '*/*' } },
  });
  for (const { FunctionAssociations } of behaviors)
    expect(FunctionAssociations).toEqual([
      { EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': [id, 'FunctionARN'] } },
    ]);
});

test('an address that sends too many requests gets an error of the published form', () => {
  const [rule] = acl.Rules;
  const { CustomResponseBodyKey } = rule.Action.Block.CustomResponse;

  expect(JSON.parse(acl.CustomResponseBodies[CustomResponseBodyKey].Content)).toMatchObject({
    errors: [{ code: 'too_many_requests', message: expect.any(String), long_message: expect.any(String) }],
  });
});

describe('the origin secret', () => {
  test('every function has its hashes, and the stack of the API does not contain the secret or its name', () => {
    expect(environmentOf(api, 'tickets').ORIGIN_SECRET_HASHES).toBe(originSecretHashes.join(','));
    expect(JSON.stringify(api)).not.toContain('secretsmanager');
  });

  test('without CloudFront no function requires it', () => {
    expect(JSON.stringify(synthesized())).not.toContain('ORIGIN_SECRET_HASHES');
  });
});

describe('nothing stores a query string, which can carry a ticket', () => {
  test('CloudFront writes no log', () => {
    expect(settings).not.toHaveProperty('Logging');
    const types = Object.values(template.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => /Log|Delivery|RealtimeLogConfig|Firehose|Bucket/.test(type))).toEqual([]);
    expect(behaviors.filter((behavior: object) => 'RealtimeLogConfigArn' in behavior)).toEqual([]);
  });

  test('WAF stores no sample of a request', () => {
    const configs = [acl, ...acl.Rules].map((part: { VisibilityConfig: object }) => part.VisibilityConfig);

    expect(configs).toHaveLength(acl.Rules.length + 1);
    for (const config of configs) expect(config).toMatchObject({ SampledRequestsEnabled: false });
  });

  test('the access log of the API has no query string, path, header or body', () => {
    const { Format } = onlyOf('AWS::ApiGatewayV2::Stage', api).AccessLogSettings;

    expect(JSON.parse(Format)).toEqual({
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
