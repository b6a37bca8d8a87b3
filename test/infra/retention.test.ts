import { describe, expect, test } from 'vitest';
import { nameOf, type Resource, synthesized, type Template } from './synthesized.ts';

/** All that the stack can have. */
const everything = {
  alarmEmail: 'oncall@example.com',
  domainName: 'clerk.example.com',
  hostedZoneId: 'Z0123456789ABCDEFGHIJ',
  hostedZoneName: 'example.com',
};
const dev = synthesized({ ...everything, stage: 'dev' });
const prod = synthesized({ ...everything, stage: 'prod' });

type Policies = Pick<Resource, 'DeletionPolicy'> & { readonly UpdateReplacePolicy?: string };

/** Holds what cannot be made again: prod keeps it when it leaves the stack, or is replaced in it; dev leaves nothing. */
const HOLDS_DATA: { readonly dev: Policies; readonly prod: Policies } = {
  dev: { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' },
  prod: { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' },
};

/** Can be made again from the code: without a policy CloudFormation deletes it with the stack. */
const MADE_AGAIN: typeof HOLDS_DATA = { dev: {}, prod: {} };

/** What becomes of each kind of resource. A new kind has no row: decide what it holds. */
const retention: Readonly<Record<string, typeof HOLDS_DATA>> = {
  'AWS::DynamoDB::GlobalTable': HOLDS_DATA,
  'AWS::KMS::Key': HOLDS_DATA,
  'AWS::Logs::LogGroup': HOLDS_DATA,
  'AWS::ApiGatewayV2::Api': MADE_AGAIN,
  'AWS::ApiGatewayV2::ApiMapping': MADE_AGAIN,
  'AWS::ApiGatewayV2::DomainName': MADE_AGAIN,
  'AWS::ApiGatewayV2::Integration': MADE_AGAIN,
  'AWS::ApiGatewayV2::Route': MADE_AGAIN,
  'AWS::ApiGatewayV2::Stage': MADE_AGAIN,
  'AWS::CertificateManager::Certificate': MADE_AGAIN,
  'AWS::CloudWatch::Alarm': MADE_AGAIN,
  'AWS::CloudWatch::Dashboard': MADE_AGAIN,
  'AWS::IAM::Policy': MADE_AGAIN,
  'AWS::IAM::Role': MADE_AGAIN,
  'AWS::KMS::Alias': MADE_AGAIN,
  'AWS::Lambda::Function': MADE_AGAIN,
  'AWS::Lambda::Permission': MADE_AGAIN,
  'AWS::Route53::RecordSet': MADE_AGAIN,
  'AWS::SNS::Subscription': MADE_AGAIN,
  'AWS::SNS::Topic': MADE_AGAIN,
  'AWS::SNS::TopicPolicy': MADE_AGAIN,
};

function policiesOf({ DeletionPolicy, UpdateReplacePolicy }: Resource & Policies): Policies {
  return { ...(DeletionPolicy && { DeletionPolicy }), ...(UpdateReplacePolicy && { UpdateReplacePolicy }) };
}

function typesOf({ Resources }: Template): readonly string[] {
  return [...new Set(Object.values(Resources).map(({ Type }) => Type))].sort();
}

test('every kind of resource has a row that says what becomes of it, and every row a resource', () => {
  expect(typesOf(dev)).toEqual(Object.keys(retention).sort());
  expect(typesOf(prod)).toEqual(Object.keys(retention).sort());
});

describe.each([
  ['dev', dev],
  ['prod', prod],
] as const)('in %s', (stage, { Resources }) => {
  test.each(Object.entries(retention))('%s is kept or deleted as its row says', (type, expected) => {
    const found = Object.entries(Resources).filter(([, resource]) => resource.Type === type);

    for (const [id, resource] of found) expect({ id, ...policiesOf(resource) }).toEqual({ id, ...expected[stage] });
  });
});

test('what prod keeps never stands in the way of the next deployment: its name is of this stack alone, if it has one', () => {
  const kept = Object.values(prod.Resources).filter(({ Type }) => retention[Type] === HOLDS_DATA);
  const names = kept.flatMap(({ Properties: { TableName, LogGroupName } }) => [TableName, LogGroupName]);

  for (const name of names.filter((name) => name !== undefined))
    expect(JSON.stringify(name)).toContain('{"Ref":"AWS::StackId"}');
});

test('dev and prod differ in no resource', () => {
  const names = ({ Resources }: Template) => Object.keys(Resources).map(nameOf).sort();

  expect(names(dev)).toEqual(names(prod));
});
