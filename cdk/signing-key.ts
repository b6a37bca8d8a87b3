import { AccountRootPrincipal, PolicyDocument, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { StackConfig } from './config.ts';
import { type StageSettings, stages } from './stages.ts';

export type KeyName = 'ticket' | 'session';

/** The keys of a kind, in the order of the configuration: the first signs, all verify. */
export type SigningKeys = Readonly<Record<KeyName, readonly [SigningKey, ...SigningKey[]]>>;

export type KeyAction = 'Sign' | 'GetPublicKey';

/** The only signatures KMS makes for us: RS256 over a digest, so the size of the signed text does not matter. */
export const RS256_OVER_A_DIGEST = {
  'kms:SigningAlgorithm': 'RSASSA_PKCS1_V1_5_SHA_256',
  'kms:MessageType': 'DIGEST',
};

/**
 * What the account's IAM may allow its people and CloudFormation to do with a key: all but to sign with it, or to grant that to
 * someone.
 */
const ADMINISTRATION = [
  'CancelKeyDeletion',
  'CreateAlias',
  'DeleteAlias',
  'DescribeKey',
  'DisableKey',
  'EnableKey',
  'GetKeyPolicy',
  'GetKeyRotationStatus',
  'GetPublicKey',
  'ListGrants',
  'ListKeyPolicies',
  'ListResourceTags',
  'PutKeyPolicy',
  'RevokeGrant',
  'ScheduleKeyDeletion',
  'TagResource',
  'UntagResource',
  'UpdateAlias',
  'UpdateKeyDescription',
].map((action) => `kms:${action}`);

export interface SigningKeyProps {
  /** The last part of the key's alias, after the stack's name. */
  readonly name: string;
  readonly description: string;
  readonly stage: StageSettings;
}

/**
 * A KMS key for RS256, whose private half never leaves KMS. Its policy keeps administration and use apart: the account's IAM
 * may allow people to administer it, and to sign only the roles that are named here, RS256 over a digest. A policy of IAM
 * alone, however wide, signs nothing.
 */
export class SigningKey extends Key {
  constructor(scope: Construct, id: string, { name, description, stage }: SigningKeyProps) {
    super(scope, id, {
      keySpec: KeySpec.RSA_2048,
      keyUsage: KeyUsage.SIGN_VERIFY,
      alias: `${Stack.of(scope).stackName}/${name}`,
      description,
      removalPolicy: stage.removalPolicy,
      pendingWindow: stage.keyPendingWindow,
      policy: new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: 'Administration',
            principals: [new AccountRootPrincipal()],
            actions: ADMINISTRATION,
            resources: ['*'],
          }),
        ],
      }),
    });
  }

  /**
   * Lets a role sign, as far as its own policy allows it too. The role is named in a condition rather than as the principal: a
   * role that was made anew under the same name is not locked out.
   */
  allowSigning(role: Role): void {
    this.addToResourcePolicy(
      new PolicyStatement({
        principals: [new AccountRootPrincipal()],
        actions: ['kms:Sign'],
        resources: ['*'],
        conditions: { ArnEquals: { 'aws:PrincipalArn': role.roleArn }, StringEquals: RS256_OVER_A_DIGEST },
      }),
    );
  }
}

const descriptions: Readonly<Record<KeyName, string>> = {
  ticket: 'Signs actor tokens',
  session: 'Signs session tokens',
};

/** Number 1 has the plain name, `TicketKey` and `ticket`; the others carry their number. */
function numbered(scope: Construct, name: KeyName, number: number, stage: StageSettings): SigningKey {
  const suffix = number === 1 ? '' : String(number);
  const id = `${name === 'ticket' ? 'TicketKey' : 'SessionKey'}${suffix}`;
  const alias = suffix === '' ? name : `${name}-${suffix}`;
  return new SigningKey(scope, id, { name: alias, description: descriptions[name], stage });
}

/** The configured keys of both kinds. To replace a key see docs/rotate.md. */
export function createSigningKeys(scope: Construct, { signingKeys, stage }: StackConfig): SigningKeys {
  const keysOf = (name: KeyName): SigningKeys[KeyName] => {
    const [first, ...others] = signingKeys[name];
    const key = (number: number) => numbered(scope, name, number, stages[stage]);
    return [key(first), ...others.map(key)];
  };
  return { ticket: keysOf('ticket'), session: keysOf('session') };
}
