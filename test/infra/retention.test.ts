import { describe, expect, test } from 'vitest';
import { nameOf, type Resource, synthesized, type Template } from './synthesized.ts';

/** Configures every kind of resource that the stack can have. */
const everything = {
  // Some logical ids have the name of the stack.
  stackName: 'actor-tokens',
  alarmEmail: 'oncall@example.com',
  cloudTrailLogGroup: 'aws-cloudtrail-logs',
  domainName: 'clerk.example.com',
  hostedZoneId: 'Z0123456789ABCDEFGHIJ',
  hostedZoneName: 'example.com',
};
const dev = synthesized({ ...everything, stage: 'dev' });
const prod = synthesized({ ...everything, stage: 'prod' });

type Policies = Pick<Resource, 'DeletionPolicy'> & { readonly UpdateReplacePolicy?: string };

/**
 * Holds data: prod retains it when it is removed from the stack or replaced in it, but not when the deployment that creates it fails; dev
 * deletes it.
 */
const HOLDS_DATA: { readonly dev: Policies; readonly prod: Policies } = {
  dev: { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' },
  prod: { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' },
};

/** Can be created again from the code: without a policy CloudFormation deletes it with the stack. */
const CREATED_AGAIN: typeof HOLDS_DATA = { dev: {}, prod: {} };

/** Each kind of resource is retained or deleted as its row says. A new kind needs a row: decide whether it holds data. */
const retention: Readonly<Record<string, typeof HOLDS_DATA>> = {
  'AWS::DynamoDB::GlobalTable': HOLDS_DATA,
  'AWS::KMS::Key': HOLDS_DATA,
  'AWS::Logs::LogGroup': HOLDS_DATA,
  'AWS::Logs::MetricFilter': CREATED_AGAIN,
  'AWS::ApiGatewayV2::Api': CREATED_AGAIN,
  'AWS::ApiGatewayV2::ApiMapping': CREATED_AGAIN,
  'AWS::ApiGatewayV2::DomainName': CREATED_AGAIN,
  'AWS::ApiGatewayV2::Integration': CREATED_AGAIN,
  'AWS::ApiGatewayV2::Route': CREATED_AGAIN,
  'AWS::ApiGatewayV2::Stage': CREATED_AGAIN,
  'AWS::CertificateManager::Certificate': CREATED_AGAIN,
  'AWS::CloudWatch::Alarm': CREATED_AGAIN,
  'AWS::CloudWatch::Dashboard': CREATED_AGAIN,
  'AWS::Events::Rule': CREATED_AGAIN,
  'AWS::IAM::Policy': CREATED_AGAIN,
  'AWS::IAM::Role': CREATED_AGAIN,
  'AWS::KMS::Alias': CREATED_AGAIN,
  'AWS::Lambda::Function': CREATED_AGAIN,
  'AWS::Lambda::Permission': CREATED_AGAIN,
  'AWS::Logs::QueryDefinition': CREATED_AGAIN,
  'AWS::Route53::RecordSet': CREATED_AGAIN,
  'AWS::SNS::Subscription': CREATED_AGAIN,
  'AWS::SNS::Topic': CREATED_AGAIN,
  'AWS::SNS::TopicPolicy': CREATED_AGAIN,
};

function policiesOf({ DeletionPolicy, UpdateReplacePolicy }: Resource & Policies): Policies {
  return { ...(DeletionPolicy && { DeletionPolicy }), ...(UpdateReplacePolicy && { UpdateReplacePolicy }) };
}

function typesOf({ Resources }: Template): readonly string[] {
  return [...new Set(Object.values(Resources).map(({ Type }) => Type))].sort();
}

test('every kind of resource has a row, and every row a resource', () => {
  expect(typesOf(dev)).toEqual(Object.keys(retention).sort());
  expect(typesOf(prod)).toEqual(Object.keys(retention).sort());
});

describe.each([
  ['dev', dev],
  ['prod', prod],
] as const)('in %s', (stage, { Resources }) => {
  test.each(Object.entries(retention))('%s is retained or deleted as its row says', (type, expected) => {
    const found = Object.entries(Resources).filter(([, resource]) => resource.Type === type);

    for (const [id, resource] of found) expect({ id, ...policiesOf(resource) }).toEqual({ id, ...expected[stage] });
  });
});

test('a resource that prod retains has no name, or one with the id of the stack, so it can be created again', () => {
  const kept = Object.values(prod.Resources).filter(({ Type }) => retention[Type] === HOLDS_DATA);
  const names = kept.flatMap(({ Properties: { TableName, LogGroupName } }) => [TableName, LogGroupName]);

  for (const name of names.filter((name) => name !== undefined))
    expect(JSON.stringify(name)).toContain('{"Ref":"AWS::StackId"}');
});

test('dev and prod have the same resources', () => {
  const names = ({ Resources }: Template) => Object.keys(Resources).map(nameOf).sort();

  expect(names(dev)).toEqual(names(prod));
});
