import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { StageSettings } from './stages.ts';

export type KeyName = 'ticket' | 'session';

/** The keys of a kind, in the order of the configuration: the first signs, all verify. */
export type SigningKeys = Readonly<Record<KeyName, readonly [SigningKey, ...SigningKey[]]>>;

export interface SigningKeyProps {
  /** The last part of the key's alias, after the stack's name. */
  readonly name: string;
  readonly description: string;
  readonly stage: StageSettings;
}

/**
 * A KMS key for RS256, whose private half never leaves KMS. Its key policy is KMS's default, which hands the decision
 * to the account's IAM: so the roles of permissions.ts are the only ones of this stack that may use it, whoever
 * administers KMS in the account keeps control, and no policy can lock the key away from everyone.
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
    });
  }
}
