// The properties that matter of the resources of an instance. Rules that span several resources have files of their own.
import { expect, test } from 'vitest';
import { lambdaNames } from '../../cdk/bundle/bundle.ts';
import type { LambdaName } from '../../functions/routes.ts';
import { behindCloudFront, inHostedZone, withDomainName, zone } from './configured.ts';
import { propertiesOf, readable, resourceName, resourcesOf, synthesized, type Template } from './synthesized.ts';

const dev = synthesized();
const prod = synthesized({ stage: 'prod' });
const named = synthesized(withDomainName);
const zoned = synthesized(inHostedZone);
const behind = synthesized(behindCloudFront);

const hash = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' });
const range = (AttributeName: string) => ({ AttributeName, KeyType: 'RANGE' });
const index = (IndexName: string, KeySchema: readonly object[], ProjectionType: 'ALL' | 'KEYS_ONLY') => ({
  IndexName,
  KeySchema,
  Projection: { ProjectionType },
});
const ttl = { AttributeName: 'ttl', Enabled: true };
const TABLE = 'AWS::DynamoDB::GlobalTable';

type Row = readonly [template: Template, kind: string, properties: object];

const rows: Readonly<Record<string, Row>> = {
  'actor tokens have an id and expire': [
    dev,
    `${TABLE} ActorTokensTable`,
    {
      KeySchema: [hash('id')],
      TimeToLiveSpecification: ttl,
    },
  ],
  'sessions expire, and their indexes copy nothing but keys': [
    dev,
    `${TABLE} SessionsTable`,
    {
      KeySchema: [hash('id')],
      TimeToLiveSpecification: ttl,
      GlobalSecondaryIndexes: [
        index('byUser', [hash('user_id'), range('created_at')], 'KEYS_ONLY'),
        index('byClient', [hash('client_id'), range('created_at')], 'KEYS_ONLY'),
        index('byCreated', [hash('kind'), range('created_at')], 'KEYS_ONLY'),
      ],
    },
  ],
  'clients have an id and expire': [
    dev,
    `${TABLE} ClientsTable`,
    { KeySchema: [hash('id')], TimeToLiveSpecification: ttl },
  ],
  'users are listed by creation and found by their identifiers': [
    dev,
    `${TABLE} UsersTable`,
    {
      KeySchema: [hash('id')],
      GlobalSecondaryIndexes: [
        index('byCreated', [hash('kind'), range('created_at')], 'ALL'),
        index('byIdentifier', [hash('identifier')], 'KEYS_ONLY'),
      ],
    },
  ],
  'blocks are listed by their time': [
    dev,
    `${TABLE} BlocklistTable`,
    {
      KeySchema: [hash('id')],
      GlobalSecondaryIndexes: [index('byBlocked', [hash('kind'), range('blocked_at')], 'ALL')],
    },
  ],
  'secret keys are found by their hash': [dev, `${TABLE} SecretKeysTable`, { KeySchema: [hash('hash')] }],
  'every table is billed on demand, in one Region, and can be restored to any second': [
    prod,
    TABLE,
    {
      BillingMode: 'PAY_PER_REQUEST',
      Replicas: [
        {
          Region: 'AWS::Region',
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          DeletionProtectionEnabled: true,
        },
      ],
    },
  ],
  'a table of dev is not protected from deletion': [
    dev,
    TABLE,
    {
      Replicas: [
        { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }, DeletionProtectionEnabled: false },
      ],
    },
  ],
  'every key signs and verifies with RSA, and can be recovered for 30 days in prod': [
    prod,
    'AWS::KMS::Key',
    { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY', PendingWindowInDays: 30 },
  ],
  'a key of dev can be recovered for 7 days, the shortest time': [dev, 'AWS::KMS::Key', { PendingWindowInDays: 7 }],
  'the functions run Node 24 on arm64 for at most 20 seconds': [
    dev,
    'AWS::Lambda::Function',
    { Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler', Timeout: 20 },
  ],
  'the HTTP API has the name of the stack': [dev, 'AWS::ApiGatewayV2::Api', { Name: 'actor-tokens-dev' }],
  'every integration sends payload format 2.0': [
    dev,
    'AWS::ApiGatewayV2::Integration',
    { IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' },
  ],
  'the API is served at the root and limits the rate of requests': [
    dev,
    'AWS::ApiGatewayV2::Stage',
    {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 80, ThrottlingBurstLimit: 30 },
      AccessLogSettings: { DestinationArn: 'AccessLogs.Arn' },
    },
  ],
  'with a domain name the API has that host and no other': [
    named,
    'AWS::ApiGatewayV2::Api',
    { DisableExecuteApiEndpoint: true },
  ],
  'the host of the API requires TLS 1.2 and has the configured certificate': [
    named,
    'AWS::ApiGatewayV2::DomainName',
    {
      DomainName: 'clerk.example.com',
      DomainNameConfigurations: [
        {
          CertificateArn: withDomainName.certificateArn,
          EndpointType: 'REGIONAL',
          IpAddressType: 'dualstack',
          SecurityPolicy: 'TLS_1_2',
        },
      ],
    },
  ],
  'the host of the API leads to its root': [named, 'AWS::ApiGatewayV2::ApiMapping', { Stage: '$default' }],
  'in a hosted zone the host has an IPv4 record': [
    zoned,
    'AWS::Route53::RecordSet HostedZoneIpv4Alias',
    {
      Type: 'A',
      Name: 'clerk.example.com.',
      HostedZoneId: zone.hostedZoneId,
      AliasTarget: { DNSName: 'DomainName.RegionalDomainName' },
    },
  ],
  'in a hosted zone the host has an IPv6 record': [
    zoned,
    'AWS::Route53::RecordSet HostedZoneIpv6Alias',
    { Type: 'AAAA', Name: 'clerk.example.com.', HostedZoneId: zone.hostedZoneId },
  ],
  'in a hosted zone a record there validates the certificate': [
    zoned,
    'AWS::CertificateManager::Certificate',
    {
      DomainName: 'clerk.example.com',
      ValidationMethod: 'DNS',
      DomainValidationOptions: [{ DomainName: 'clerk.example.com', HostedZoneId: zone.hostedZoneId }],
    },
  ],
  'behind CloudFront the API has only the host at which CloudFront reaches it': [
    behind,
    'AWS::ApiGatewayV2::DomainName',
    { DomainName: 'origin.clerk.example.com' },
  ],
  'behind CloudFront the host of API Gateway is disabled': [
    behind,
    'AWS::ApiGatewayV2::Api',
    { DisableExecuteApiEndpoint: true },
  ],
  'in a hosted zone the API has the record of the origin': [
    synthesized({ ...behindCloudFront, ...zone }),
    'AWS::Route53::RecordSet HostedZoneIpv4Alias',
    { Type: 'A', Name: 'origin.clerk.example.com.' },
  ],
};

test.each(Object.entries(rows))('%s', (_rule, [template, kind, properties]) => {
  const found = propertiesOf(template, kind);

  expect(found).not.toHaveLength(0);
  for (const each of found) expect(each).toMatchObject(properties);
});

test('users and secret keys never expire', () => {
  for (const name of ['UsersTable', 'SecretKeysTable'])
    for (const properties of propertiesOf(dev, `${TABLE} ${name}`))
      expect(properties).not.toHaveProperty('TimeToLiveSpecification');
});

test('each key has an alias that begins with the name of the stack', () => {
  const aliases = resourcesOf(prod, 'AWS::KMS::Alias').map(([, { Properties }]) => [
    Properties.AliasName,
    readable(Properties.TargetKeyId),
  ]);

  expect(aliases).toEqual([
    ['alias/actor-tokens-prod/ticket', 'TicketKey.Arn'],
    ['alias/actor-tokens-prod/session', 'SessionKey.Arn'],
  ]);
});

test('without a domain name there is no host, no record and no certificate', () => {
  const types = new Set(Object.values(dev.Resources).map(({ Type }) => Type));

  expect([...types].filter((type) => /DomainName|ApiMapping|Route53|CertificateManager/.test(type))).toEqual([]);
  for (const api of propertiesOf(dev, 'AWS::ApiGatewayV2::Api'))
    expect(api).not.toMatchObject({ DisableExecuteApiEndpoint: true });
});

test('the functions answer CORS preflights, not the API', () => {
  for (const api of propertiesOf(dev, 'AWS::ApiGatewayV2::Api')) expect(api).not.toHaveProperty('CorsConfiguration');
});

test('the functions that sign have 1,024 MB, the others 512', () => {
  const memoryOf = (lambda: LambdaName) => propertiesOf(dev, `AWS::Lambda::Function ${resourceName(lambda)}Function`);

  for (const lambda of lambdaNames) {
    const signs = ['create-actor-token', 'create-sign-in', 'browser-sessions', 'backend-sessions'].includes(lambda);
    expect(memoryOf(lambda), lambda).toMatchObject([{ MemorySize: signs ? 1024 : 512 }]);
  }
});

test('the functions are not traced', () => {
  for (const fn of propertiesOf(dev, 'AWS::Lambda::Function')) expect(fn).not.toHaveProperty('TracingConfig');
});
