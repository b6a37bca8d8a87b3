import { expect, test } from 'vitest';
import { kmsKeyId } from '../../../local/aws/account.ts';
import { authorizer, type Unauthorized } from '../../../local/aws/iam/authorize.ts';
import { keyPoliciesOf } from '../../../local/aws/iam/key-policy.ts';
import { pattern } from '../../../local/aws/iam/policy.ts';
import { resolver } from '../../../local/aws/template/intrinsics.ts';
import type { Template } from '../../../local/aws/template/template.ts';

const ROOT = {
  AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':root']] },
};

/** The policy of a key that allows one role to sign, and the other roles to administer. */
const forSigner = [
  {
    Sid: 'Administration',
    Effect: 'Allow',
    Principal: ROOT,
    Action: ['kms:DescribeKey', 'kms:GetPublicKey'],
    Resource: '*',
  },
  {
    Effect: 'Allow',
    Principal: ROOT,
    Action: 'kms:Sign',
    Resource: '*',
    Condition: {
      ArnEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': ['SignerRole', 'Arn'] } },
      StringEquals: { 'kms:MessageType': 'DIGEST' },
    },
  },
];

function templateWith(KeyPolicy: object | undefined): Template {
  return {
    Resources: {
      Key: { Type: 'AWS::KMS::Key', Properties: { ...(KeyPolicy && { KeyPolicy }) } },
      SignerRole: { Type: 'AWS::IAM::Role', Properties: {} },
      OtherRole: { Type: 'AWS::IAM::Role', Properties: {} },
    },
  };
}

/** Returns why a function whose role allows all of KMS is refused; undefined when it is not. */
function refusal(name: 'Signer' | 'Other', operation: string, statements?: readonly object[]): string | undefined {
  const template = templateWith(statements && { Version: '2012-10-17', Statement: statements });
  const resolve = resolver({ template, stackName: 'test', apiEndpoint: 'http://127.0.0.1' });
  const allOfKms = {
    effect: 'Allow',
    actions: [pattern('kms:*')],
    resources: [pattern('*')],
    stringEquals: {},
  } as const;
  const caller = { name, role: { name: `${name}Role`, statements: [allOfKms] } };
  const { authorize } = authorizer([caller], keyPoliciesOf(template, resolve), () => undefined);
  const body = JSON.stringify({ KeyId: kmsKeyId('Key'), MessageType: 'DIGEST' });
  try {
    authorize({ service: 'kms', operation, authorization: `Credential=${name}/`, body });
    return undefined;
  } catch (error) {
    return (error as Unauthorized).message;
  }
}

test('a role that the policy of the key names may sign', () => {
  expect(refusal('Signer', 'Sign', forSigner)).toBeUndefined();
});

test('a role that the policy of the key does not name may not sign, though its own policy allows it', () => {
  expect(refusal('Other', 'Sign', forSigner)).toContain('because no resource-based policy allows the kms:Sign action');
});

test('the role decides about actions that the policy of the key allows to the account', () => {
  expect(refusal('Other', 'GetPublicKey', forSigner)).toBeUndefined();
  expect(refusal('Signer', 'Verify', forSigner)).toContain(
    'because no resource-based policy allows the kms:Verify action',
  );
});

test('a denial in the policy of the key takes precedence', () => {
  const denied = { Effect: 'Deny', Principal: ROOT, Action: 'kms:Sign', Resource: '*' };

  expect(refusal('Signer', 'Sign', [...forSigner, denied])).toContain(
    'with an explicit deny in a resource-based policy',
  );
});

test('without a policy of the key the role decides', () => {
  expect(refusal('Other', 'Sign')).toBeUndefined();
});

test.each([
  ['another principal', { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:Sign', Resource: '*' }],
  ['a condition that is not understood', { ...forSigner[0], Condition: { StringLike: { 'aws:PrincipalArn': '*' } } }],
])('a policy with %s is refused', (_case, statement) => {
  expect(() => refusal('Signer', 'Sign', [statement])).toThrow('The local run cannot use Key: ');
});
