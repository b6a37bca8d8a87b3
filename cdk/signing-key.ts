import { AccountRootPrincipal, PolicyDocument, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Config } from './config/schema.ts';
import { type Protection, protectionOf } from './protection.ts';

export type KeyName = 'ticket' | 'session';

/** The names of all kinds of keys. Those of the log exist only where the audit is on. */
type KindName = KeyName | 'audit';

/** The keys of each kind, in the order of the configuration: the first one signs, all verify. */
export type SigningKeys = Readonly<Record<KeyName, readonly [SigningKey, ...SigningKey[]]>>;

export type KeyAction = 'Sign' | 'GetPublicKey';

/** The only allowed kind of signature: RS256 over a digest, so that the size of the signed text does not matter. */
export const RS256_OVER_A_DIGEST = {
  'kms:SigningAlgorithm': 'RSASSA_PKCS1_V1_5_SHA_256',
  'kms:MessageType': 'DIGEST',
};

/** The actions that the account's IAM policies can allow people and CloudFormation. Signing and granting are not among them. */
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
  /** The key's alias, without `alias/`. */
  readonly alias: string;
  readonly description: string;
  readonly protection: Protection;
}

/**
 * A KMS key for RS256, whose private half never leaves KMS. Its policy separates administration from use: IAM policies of the
 * account can allow people to administer the key, but only the roles that the key's own policy names can sign, and only RS256 over
 * a digest. An IAM policy alone, however broad, cannot sign.
 */
export class SigningKey extends Key {
  constructor(scope: Construct, id: string, { alias, description, protection }: SigningKeyProps) {
    super(scope, id, {
      keySpec: KeySpec.RSA_2048,
      keyUsage: KeyUsage.SIGN_VERIFY,
      alias,
      description,
      removalPolicy: protection.removalPolicy,
      pendingWindow: protection.keyPendingWindow,
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
   * Lets a role sign, if its own policy allows it too. The role is in a condition and not the principal, because a principal is
   * stored as an id, which locks out a role that is created again under the same name.
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

const kinds = {
  ticket: { id: 'TicketKey', description: 'Signs actor tokens' },
  session: { id: 'SessionKey', description: 'Signs session tokens' },
  audit: { id: 'AuditKey', description: 'Signs the log of the record' },
} as const satisfies Record<KindName, unknown>;

/** Creates the keys of one kind. Number 1 has the plain name, `TicketKey` and `ticket`; the names of the others end with their number. */
function createKeys(scope: Construct, name: KindName, config: Config): SigningKeys[KeyName] {
  const { id, description } = kinds[name];
  const protection = protectionOf(config);
  const create = (number: number) =>
    new SigningKey(scope, number === 1 ? id : `${id}${number}`, {
      alias: `${config.stackName}/${name}${number === 1 ? '' : `-${number}`}`,
      description,
      protection,
    });
  const [first, ...others] = { ticket: config.ticketKeys, session: config.sessionKeys, audit: config.auditKeys }[name];
  return [create(first), ...others.map(create)];
}

/** Creates the configured keys of both kinds. docs/rotate.md describes how a key is replaced. */
export function createSigningKeys(scope: Construct, config: Config): SigningKeys {
  return { ticket: createKeys(scope, 'ticket', config), session: createKeys(scope, 'session', config) };
}

/** Creates the configured keys of the log. One that is replaced stays configured: without it, what it signed cannot be verified. */
export function createAuditKeys(scope: Construct, config: Config): SigningKeys[KeyName] {
  return createKeys(scope, 'audit', config);
}
