import { describe, expect, test } from 'vitest';
import { denialOf, type Need } from '../../../local/aws/iam/policy.ts';
import { stackFrom } from '../../../local/aws/stack.ts';
import { tinyTemplate } from '../tiny-stack.ts';

const users = 'arn:aws:dynamodb:us-east-1:000000000000:table/UsersTable';

/** The role of Echo when these resources are put into the tiny stack. */
function roleWith(resources: Readonly<Record<string, { readonly Type: string; readonly Properties: object }>>) {
  const Resources = { ...tinyTemplate().Resources, ...resources } as Record<
    string,
    { Type: string; Properties: Record<string, unknown> }
  >;
  const assembly = { stackName: 'Tiny', assetDirectory: () => '/nowhere', template: { Resources } };
  const echo = stackFrom(assembly, 'http://127.0.0.1:3000').functions.find(({ name }) => name === 'Echo');
  return echo?.role ?? { name: 'none', statements: [] };
}

/** The role of Echo when it has these statements and no others. */
function roleOfStatements(...statements: readonly object[]) {
  const Properties = { PolicyDocument: { Statement: statements }, Roles: [{ Ref: 'EchoRole' }] };
  return roleWith({
    EchoRole: { Type: 'AWS::IAM::Role', Properties: {} },
    EchoPolicy: { Type: 'AWS::IAM::Policy', Properties },
  });
}

function decision(statements: readonly object[], need: Partial<Need> = {}) {
  const { statements: read } = roleOfStatements(...statements);
  return denialOf(read, { action: 'dynamodb:GetItem', resource: users, ...need }) ?? 'allowed';
}

const allow = { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: users };

test.each([
  ['without a statement', [], {}, 'implicit'],
  ['by a statement of its own', [allow], {}, 'allowed'],
  [
    'by a list of actions and resources',
    [{ ...allow, Action: ['x:Y', allow.Action], Resource: ['x', users] }],
    {},
    'allowed',
  ],
  ['by a denial beside what allows it', [allow, { ...allow, Effect: 'Deny' }], {}, 'explicit'],
  ['by a denial of something else', [allow, { ...allow, Effect: 'Deny', Action: 'dynamodb:PutItem' }], {}, 'allowed'],
  ['by an action in another case', [{ ...allow, Action: 'DynamoDB:getitem' }], {}, 'allowed'],
  ['by a resource in another case', [{ ...allow, Resource: users.toLowerCase() }], {}, 'implicit'],
  ['by the beginning of an action', [{ ...allow, Action: 'dynamodb:Get' }], {}, 'implicit'],
  ['by a star at the end of an action', [{ ...allow, Action: 'dynamodb:Get*' }], {}, 'allowed'],
  ['by a star inside an action', [{ ...allow, Action: 'dynamodb:*Item' }], {}, 'allowed'],
  ['by a star for every action', [{ ...allow, Action: '*' }], {}, 'allowed'],
  ['by a question mark', [{ ...allow, Action: 'dynamodb:?etItem' }], {}, 'allowed'],
  ['by a star for every resource', [{ ...allow, Resource: '*' }], {}, 'allowed'],
  ['by a star for the indexes', [{ ...allow, Resource: `${users}/index/*` }], {}, 'implicit'],
  ['by a dot, which stands for itself', [{ ...allow, Resource: users.replace('Users', '.....') }], {}, 'implicit'],
  [
    'by a statement of KMS with a condition that only KMS meets',
    [{ ...allow, Condition: { StringEquals: { 'kms:MessageType': 'DIGEST' } } }],
    {},
    'implicit',
  ],
  [
    'by one of several values of a condition',
    [
      {
        Effect: 'Allow',
        Action: 'kms:Sign',
        Resource: '*',
        Condition: { StringEquals: { 'kms:MessageType': ['RAW', 'DIGEST'] } },
      },
    ],
    { action: 'kms:Sign', context: { 'kms:MessageType': 'RAW' } },
    'allowed',
  ],
])('an action is decided %s', (_case, statements, need, expected) => {
  expect(decision(statements, need)).toBe(expected);
});

test('a statement of another service may say what only AWS knows', () => {
  const Resource = { 'Fn::GetAtt': ['Queue', 'QueueName'] };
  const Condition = { Bool: { 'aws:SecureTransport': 'true' } };

  expect(roleOfStatements({ Effect: 'Allow', Action: ['sqs:*'], Resource, Condition }).statements).toEqual([]);
});

describe('a stack does not start with a policy that is not understood:', () => {
  const { Action: _action, ...allActions } = allow;
  const { Resource: _resource, ...allResources } = allow;
  test.each([
    ['NotAction', { ...allActions, NotAction: 'dynamodb:PutItem' }],
    ['NotResource', { ...allResources, NotResource: users }],
    ['a star in the name of the service', { ...allow, Action: 'dyn*', NotResource: users }],
    ['another operator', { ...allow, Condition: { StringLike: { 'kms:MessageType': 'D*' } } }],
    ['another condition key', { ...allow, Condition: { StringEquals: { 'dynamodb:Select': 'COUNT' } } }],
    ['another effect', { ...allow, Effect: 'allow' }],
  ])('%s', (_case, statement) => {
    expect(() => roleOfStatements(statement)).toThrow('The local run cannot use EchoPolicy: ');
  });

  const managed = ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'];
  test.each([
    ['a policy of AWS', 'EchoRole', 'AWS::IAM::Role', { ManagedPolicyArns: managed }],
    ['a boundary', 'EchoRole', 'AWS::IAM::Role', { PermissionsBoundary: 'arn:aws:iam::aws:policy/PowerUserAccess' }],
    ['a managed policy', 'Managed', 'AWS::IAM::ManagedPolicy', { Roles: [{ Ref: 'EchoRole' }] }],
  ])('%s', (_case, id, Type, Properties) => {
    expect(() => roleWith({ [id]: { Type, Properties } })).toThrow(`The local run cannot use ${id}: `);
  });
});
