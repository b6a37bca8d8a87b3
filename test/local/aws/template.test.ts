import { describe, expect, test } from 'vitest';
import { kmsKeyId } from '../../../local/aws/account.ts';
import { stackFrom } from '../../../local/aws/stack.ts';
import { resolver } from '../../../local/aws/template/intrinsics.ts';
import { tinyTemplate } from '../tiny-stack.ts';

const template = {
  Resources: {
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: {} },
    Key: { Type: 'AWS::KMS::Key', Properties: {} },
    Alias: {
      Type: 'AWS::KMS::Alias',
      Properties: { AliasName: { 'Fn::Join': ['/', ['alias', { Ref: 'AWS::StackName' }]] } },
    },
    Table: { Type: 'AWS::DynamoDB::GlobalTable', Properties: {} },
    Fn: { Type: 'AWS::Lambda::Function', Properties: {} },
    Role: { Type: 'AWS::IAM::Role', Properties: {} },
  },
};
const resolve = resolver({ template, stackName: 'Tiny', apiEndpoint: 'http://127.0.0.1:3000' });
const keyId = kmsKeyId('Key');

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders
test.each([
  ['a plain value', 7, 7],
  ['a table', { Ref: 'Table' }, 'Table'],
  ['a key', { Ref: 'Key' }, keyId],
  ['an alias', { Ref: 'Alias' }, 'alias/Tiny'],
  ['the region', { Ref: 'AWS::Region' }, 'us-east-1'],
  ['the account', { Ref: 'AWS::AccountId' }, '000000000000'],
  ['no value', { Ref: 'AWS::NoValue' }, undefined],
  ["the API's endpoint", { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] }, 'http://127.0.0.1:3000'],
  ["a key's ARN", { 'Fn::GetAtt': ['Key', 'Arn'] }, `arn:aws:kms:us-east-1:000000000000:key/${keyId}`],
  ["a table's ARN", { 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:aws:dynamodb:us-east-1:000000000000:table/Table'],
  ["a function's ARN", { 'Fn::GetAtt': ['Fn', 'Arn'] }, 'arn:aws:lambda:us-east-1:000000000000:function:Fn'],
  ["a role's ARN", { 'Fn::GetAtt': ['Role', 'Arn'] }, 'arn:aws:iam::000000000000:role/Role'],
  ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Table' }]] }, 'a-Table'],
  [
    'Fn::Sub',
    { 'Fn::Sub': '${Table}.${AWS::URLSuffix}.${Fn.Arn}.${!Kept}' },
    'Table.amazonaws.com.arn:aws:lambda:us-east-1:000000000000:function:Fn.${Kept}',
  ],
  ['Fn::Sub with variables', { 'Fn::Sub': ['${a}/${Table}', { a: { Ref: 'Key' } }] }, `${keyId}/Table`],
  ['Fn::Select of Fn::Split', { 'Fn::Select': ['2', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'c'],
  ['Fn::Base64', { 'Fn::Base64': { Ref: 'Table' } }, 'VGFibGU='],
  ['what lies deep inside', { list: [{ Ref: 'Table' }], other: { Ref: 'Fn' } }, { list: ['Table'], other: 'Fn' }],
])('%s is resolved', (_case, value, expected) => {
  expect(resolve(value)).toEqual(expected);
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders

test.each([
  ['a resource that is not there', { Ref: 'Nowhere' }, 'no resource Nowhere'],
  ['an attribute only AWS knows', { 'Fn::GetAtt': ['Role', 'RoleId'] }, 'attribute RoleId of Role'],
  ['an unknown intrinsic function', { 'Fn::ImportValue': 'x' }, 'does not know Fn::ImportValue'],
])('%s is refused rather than guessed', (_case, value, message) => {
  expect(() => resolve(value)).toThrow(message);
});

test("a key's id is a UUID and the same each time", () => {
  expect(kmsKeyId('Key')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  expect(kmsKeyId('Key')).toBe(keyId);
  expect(kmsKeyId('Other')).not.toBe(keyId);
});

describe('a stack that answers differently in AWS is refused:', () => {
  const route = { AuthorizationType: 'JWT', RouteKey: 'GET /x', Target: 'integrations/EchoIntegration' };
  const integration = { IntegrationUri: 'x', PayloadFormatVersion: '1.0' };
  test.each([
    ['an authorizer', 'EchoRoute', { Type: 'AWS::ApiGatewayV2::Route', Properties: route }],
    ['CORS', 'Api', { Type: 'AWS::ApiGatewayV2::Api', Properties: { CorsConfiguration: { AllowOrigins: ['*'] } } }],
    ['payload 1.0', 'EchoIntegration', { Type: 'AWS::ApiGatewayV2::Integration', Properties: integration }],
  ])('%s on the API', (_case, id, resource) => {
    const { Resources } = tinyTemplate();
    const assembly = {
      stackName: 'Tiny',
      assetDirectory: () => '/nowhere',
      template: { Resources: { ...Resources, [id]: resource } },
    };

    expect(() => stackFrom(assembly, 'http://127.0.0.1:3000')).toThrow(`cannot use ${id}`);
  });
});
