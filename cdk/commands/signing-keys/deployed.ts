import { createPublicKey } from 'node:crypto';
import { CloudFormationClient, DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { DescribeKeyCommand, GetPublicKeyCommand, KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { calculateJwkThumbprint } from 'jose';
import * as v from 'valibot';
import { type EpochMs, epochMs } from '../../../shared/base/time.ts';
import type { KeyName } from '../../signing-key.ts';
import { CommandError } from '../command.ts';
import { explained } from '../explain.ts';

/** A signing key of the stack as KMS has it. */
export interface DeployedKey {
  readonly number: number;
  readonly keyId: string;
  /** `Enabled` or why not. */
  readonly state: string;
  /** Its name in the JWKS; undefined when KMS does not tell the public key. */
  readonly kid: string | undefined;
}

const kms = new KMSClient({ maxAttempts: 3 });

async function fromKms<Output>(call: Promise<Output>): Promise<Output> {
  return call.catch((error: unknown) => {
    throw new CommandError(explained(error, 'KMS'));
  });
}

/** By the alias the stack gave it: `alias/<stack>/session` is number 1, `alias/<stack>/session-2` number 2. */
async function numberOf(keyId: string, prefix: string): Promise<number> {
  const { Aliases = [] } = await fromKms(kms.send(new ListAliasesCommand({ KeyId: keyId })));
  const suffixes = Aliases.flatMap(({ AliasName = '' }) =>
    AliasName.startsWith(prefix) ? [AliasName.slice(prefix.length)] : [],
  );
  const own = suffixes.find((suffix) => /^(-[1-9]\d*)?$/.test(suffix));
  if (own === undefined)
    throw new CommandError(
      `The KMS key ${keyId} of the stack has no alias ${prefix}, by which its number is known: deploy the stack again.`,
    );
  return own === '' ? 1 : Number(own.slice(1));
}

async function kidOf(keyId: string): Promise<string | undefined> {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyId }));
  if (!PublicKey) return undefined;
  const key = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
  return calculateJwkThumbprint(key.export({ format: 'jwk' }));
}

async function deployedKey(keyId: string, prefix: string): Promise<DeployedKey> {
  const [number, { KeyMetadata }, kid] = await Promise.all([
    numberOf(keyId, prefix),
    fromKms(kms.send(new DescribeKeyCommand({ KeyId: keyId }))),
    kidOf(keyId).catch(() => undefined),
  ]);
  return { number, keyId, state: KeyMetadata?.KeyState ?? 'unknown', kid };
}

/**
 * The keys of a kind in the order of the stack: the first signs, all verify.
 *
 * @throws CommandError
 */
export async function deployedKeys(kind: KeyName, stackName: string, keyIds: string): Promise<readonly DeployedKey[]> {
  return Promise.all(keyIds.split(',').map((keyId) => deployedKey(keyId, `alias/${stackName}/${kind}`)));
}

const settled = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'IMPORT_COMPLETE']);

/**
 * When the last deployment ended, by whatever change; 0 when it is longer ago than CloudFormation remembers (90 days). Not
 * the stack's LastUpdatedTime, which is when it began.
 *
 * @throws CommandError while a deployment is under way, or after one that failed
 */
export async function deployedAt(stackName: string): Promise<EpochMs> {
  const cloudFormation = new CloudFormationClient({ maxAttempts: 3 });
  let page: string | undefined;
  do {
    const command = new DescribeStackEventsCommand({ StackName: stackName, NextToken: page });
    const { StackEvents = [], NextToken } = await cloudFormation.send(command).catch((error: unknown) => {
      throw new CommandError(explained(error, 'CloudFormation'));
    });
    // Newest first.
    const event = StackEvents.find(({ PhysicalResourceId, StackId }) => PhysicalResourceId === StackId);
    if (event?.ResourceStatus && event.Timestamp) {
      if (settled.has(event.ResourceStatus)) return epochMs(event.Timestamp.getTime());
      throw new CommandError(
        `The stack ${stackName} is ${event.ResourceStatus}: wait for its deployment to end, or mend it.`,
      );
    }
    page = NextToken;
  } while (page !== undefined);
  return epochMs(0);
}

const jwks = v.object({ keys: v.array(v.object({ kid: v.string() })) });

/**
 * The kids that verifiers read at this moment.
 *
 * @throws CommandError when the JWKS does not answer
 */
export async function servedKids(jwksUrl: string): Promise<readonly string[]> {
  const answer = await fetch(jwksUrl, { signal: AbortSignal.timeout(10_000) })
    .then(async (response) => v.safeParse(jwks, await response.json()))
    .catch(() => undefined);
  if (!answer?.success)
    throw new CommandError(`${jwksUrl} does not answer with a JWKS: see what is wrong there, and try again.`);
  return answer.output.keys.map(({ kid }) => kid);
}
