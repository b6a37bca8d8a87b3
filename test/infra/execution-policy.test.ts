// docs/execution-policy.json lets CloudFormation create, change and delete everything that the templates have, and use none of it.
import { readFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib/core';
import { afterEach, describe, expect, test } from 'vitest';
import { ActorTokens } from '../../cdk/actor-tokens.ts';
import { deploymentConfig } from '../../cdk/config/deployment.ts';
import { behindCloudFront, zone } from './configured.ts';
import { appWith, discardApps, emptyApp, resourcesOf, synthesized, synthesizedCloudFront } from './synthesized.ts';

afterEach(discardApps);

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

const text = readFileSync(new URL('../../docs/execution-policy.json', import.meta.url), 'utf8');
const statements: readonly Statement[] = JSON.parse(text).Statement;
const allowed = statements.flatMap(({ Action }) => [Action].flat());

function isAllowed(action: string): boolean {
  return allowed.some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(action));
}

const everything = {
  ...behindCloudFront,
  ...zone,
  certificateArn: undefined,
  alarmEmail: 'oncall@example.com',
  cloudTrailLogGroup: 'aws-cloudtrail-logs',
  audit: 'on',
  revokeConcurrency: 2,
} as const;

const apiGateway = actions('apigateway', 'DELETE GET PATCH POST PUT');
const tagging = 'TagResource UntagResource';

function actions(service: string, names: string): readonly string[] {
  return names.split(' ').map((name) => `${service}:${name}`);
}

/**
 * The actions of each type, without those for features that the templates do not use, such as replicas, VPCs and code signing. Sources: the
 * handlers in the schemas of the CloudFormation registry (2026-08-07); for RecordSet, which has none, the Route 53 developer guide; for the
 * access log, "Configure logging for HTTP APIs" of the API Gateway developer guide.
 */
const needed: Readonly<Record<string, readonly string[]>> = {
  'AWS::ApiGatewayV2::Api': apiGateway,
  'AWS::ApiGatewayV2::ApiMapping': apiGateway,
  'AWS::ApiGatewayV2::DomainName': apiGateway,
  'AWS::ApiGatewayV2::Integration': apiGateway,
  'AWS::ApiGatewayV2::Route': apiGateway,
  'AWS::ApiGatewayV2::Stage': [
    ...apiGateway,
    ...actions('apigateway', tagging),
    ...actions('logs', 'CreateLogDelivery DeleteLogDelivery GetLogDelivery ListLogDeliveries UpdateLogDelivery'),
    ...actions('logs', 'DescribeLogGroups DescribeResourcePolicies PutResourcePolicy'),
  ],
  'AWS::CertificateManager::Certificate': [
    ...actions('acm', 'AddTagsToCertificate DeleteCertificate DescribeCertificate ListTagsForCertificate'),
    ...actions('acm', 'RemoveTagsFromCertificate RequestCertificate UpdateCertificateOptions'),
    'route53:ChangeResourceRecordSets',
  ],
  'AWS::CloudFront::CachePolicy': actions(
    'cloudfront',
    'CreateCachePolicy DeleteCachePolicy GetCachePolicy UpdateCachePolicy',
  ),
  'AWS::CloudFront::Distribution': [
    ...actions(
      'cloudfront',
      `CreateDistribution CreateDistributionWithTags DeleteDistribution GetDistribution ${tagging}`,
    ),
    ...actions('cloudfront', 'GetDistributionConfig ListTagsForResource UpdateDistribution'),
    'secretsmanager:GetSecretValue',
  ],
  'AWS::CloudFront::Function': actions(
    'cloudfront',
    'CreateFunction DeleteFunction DescribeFunction GetFunction PublishFunction UpdateFunction',
  ),
  'AWS::CloudWatch::Alarm': actions(
    'cloudwatch',
    `DeleteAlarms DescribeAlarms ListTagsForResource PutMetricAlarm ${tagging}`,
  ),
  'AWS::CloudWatch::Dashboard': actions('cloudwatch', 'DeleteDashboards GetDashboard PutDashboard'),
  'AWS::DynamoDB::GlobalTable': actions(
    'dynamodb',
    `CreateTable DeleteTable DescribeTable DescribeContinuousBackups DescribeTimeToLive DescribeContributorInsights GetResourcePolicy ListTagsOfResource ${tagging} UpdateContinuousBackups UpdateContributorInsights UpdateTable UpdateTimeToLive`,
  ),
  'AWS::Events::Rule': actions(
    'events',
    `DeleteRule DescribeRule ListTagsForResource ListTargetsByRule PutRule PutTargets RemoveTargets ${tagging}`,
  ),
  'AWS::IAM::Policy': actions('iam', 'DeleteRolePolicy GetRolePolicy PutRolePolicy'),
  'AWS::IAM::Role': actions(
    'iam',
    'CreateRole DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies PutRolePermissionsBoundary PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription',
  ),
  'AWS::KMS::Alias': actions('kms', 'CreateAlias DeleteAlias ListAliases UpdateAlias'),
  'AWS::KMS::Key': actions(
    'kms',
    `CreateKey DescribeKey DisableKey EnableKey GetKeyPolicy GetKeyRotationStatus ListResourceTags PutKeyPolicy ScheduleKeyDeletion ${tagging} UpdateKeyDescription`,
  ),
  'AWS::Lambda::EventSourceMapping': actions(
    'lambda',
    'CreateEventSourceMapping DeleteEventSourceMapping GetEventSourceMapping UpdateEventSourceMapping',
  ),
  'AWS::Lambda::Function': [
    ...actions('lambda', `CreateFunction DeleteFunction DeleteFunctionConcurrency GetFunction ListTags ${tagging}`),
    ...actions('lambda', 'GetFunctionCodeSigningConfig GetFunctionRecursionConfig GetRuntimeManagementConfig'),
    ...actions('lambda', 'PutFunctionConcurrency UpdateFunctionCode UpdateFunctionConfiguration'),
    ...actions('s3', 'GetObject GetObjectVersion'),
    'iam:PassRole',
  ],
  'AWS::Lambda::Permission': actions('lambda', 'AddPermission GetPolicy RemovePermission'),
  'AWS::Logs::LogGroup': actions(
    'logs',
    `CreateLogGroup DeleteLogGroup DeleteRetentionPolicy DescribeIndexPolicies DescribeLogGroups GetDataProtectionPolicy ListTagsForResource PutRetentionPolicy ${tagging}`,
  ),
  'AWS::Logs::MetricFilter': actions('logs', 'DeleteMetricFilter DescribeMetricFilters PutMetricFilter'),
  'AWS::Logs::QueryDefinition': actions('logs', 'DeleteQueryDefinition DescribeQueryDefinitions PutQueryDefinition'),
  'AWS::Route53::RecordSet': actions(
    'route53',
    'ChangeResourceRecordSets GetChange GetHostedZone ListResourceRecordSets',
  ),
  'AWS::S3::Bucket': [
    ...actions('s3', 'CreateBucket DeleteBucket ListBucket ListTagsForResource PutEncryptionConfiguration'),
    ...actions('s3', 'GetBucketObjectLockConfiguration GetBucketVersioning GetEncryptionConfiguration'),
    ...actions('s3', 'PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPublicAccessBlock'),
    ...actions('s3', `PutBucketTagging PutBucketVersioning ${tagging}`),
  ],
  'AWS::S3::BucketPolicy': actions('s3', 'DeleteBucketPolicy GetBucketPolicy PutBucketPolicy'),
  'AWS::SNS::Subscription': actions('sns', 'GetSubscriptionAttributes SetSubscriptionAttributes Subscribe Unsubscribe'),
  'AWS::SNS::Topic': actions(
    'sns',
    `CreateTopic DeleteTopic GetDataProtectionPolicy GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource SetTopicAttributes ${tagging}`,
  ),
  'AWS::SNS::TopicPolicy': actions('sns', 'SetTopicAttributes'),
  'AWS::WAFv2::WebACL': actions(
    'wafv2',
    `CreateWebACL DeleteWebACL GetWebACL ListTagsForResource UpdateWebACL ${tagging}`,
  ),
};

const types = [synthesized(everything), synthesizedCloudFront(everything)].flatMap(({ Resources }) =>
  Object.values(Resources).map(({ Type }) => Type),
);

test('every type of resource in the templates has a row, and every row a type', () => {
  expect([...new Set(types)].sort()).toEqual(Object.keys(needed).sort());
});

test.each(Object.entries(needed))('CloudFormation may do with %s what it has to', (_type, all) => {
  expect(all.filter((action) => !isAllowed(action))).toEqual([]);
});

test('no service and no action is allowed that no type needs', () => {
  const all = Object.values(needed).flat();
  const isNeeded = (pattern: string) =>
    all.some((action) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(action));

  expect(allowed.filter((pattern) => !isNeeded(pattern))).toEqual([]);
});

test.each([
  'kms:Sign',
  'kms:CreateGrant',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Scan',
  'lambda:InvokeFunction',
  's3:PutObject',
  's3:DeleteObject',
  'iam:AttachRolePolicy',
  'iam:CreateUser',
  'sns:Publish',
])('CloudFormation may not %s', (action) => {
  expect(isAllowed(action)).toBe(false);
});

test('the policy is short enough for a managed policy of IAM', () => {
  expect(JSON.stringify(JSON.parse(text)).length).toBeLessThanOrEqual(6144);
});

describe('a permissions boundary', () => {
  const boundary = { '@aws-cdk/core:permissionsBoundary': { name: 'developers' } };

  test('in cdk.json is no unknown name', () => {
    expect(deploymentConfig({ ...boundary, stage: 'prod' })).toMatchObject({ stage: 'prod' });
  });

  test('is that of every role', () => {
    const app = emptyApp();
    for (const [name, value] of Object.entries(boundary)) app.node.setContext(name, value);
    new ActorTokens(new Stack(app, 'Stack'), 'ActorTokens', { audit: 'on' });
    const roles = resourcesOf(app.synth().getStackByName('Stack').template, 'AWS::IAM::Role');

    expect(roles.length).toBeGreaterThan(10);
    for (const [, { Properties }] of roles)
      expect(JSON.stringify(Properties.PermissionsBoundary)).toContain('policy/developers');
  });
});

test('the roles, tables, functions and topics have names that the policy covers', () => {
  // CloudFormation names what has no name of its own by the stack, and the default name of the stack begins so.
  expect(appWith({ stage: 'staging' }).stack.stackName).toMatch(/^actor-tokens-/);
  const own = ['TableName', 'FunctionName', 'RoleName', 'TopicName', 'BucketName'];
  const named = Object.values(synthesized(everything).Resources).flatMap(({ Type, Properties }) =>
    own.filter((name) => name in Properties && Type.endsWith(name.replace('Name', ''))),
  );
  expect(named).toEqual([]);
});
