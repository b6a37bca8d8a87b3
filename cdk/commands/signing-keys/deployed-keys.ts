import { DescribeKeyCommand, GetPublicKeyCommand, ListAliasesCommand } from '@aws-sdk/client-kms';
import type { Instance } from '../../../shared/base/instance.ts';
import { kmsOf } from '../../../shared/signing/kms.ts';
import { type PublicKey, publicKeyFrom } from '../../../shared/signing/public-key.ts';
import type { KeyName } from '../../signing-key.ts';
import { answerOfAws } from '../error-sentence.ts';
import { CommandError } from '../errors.ts';
import type { DeployedTarget } from '../target.ts';

/** A signing key of a stack, as KMS describes it. */
export interface DeployedKey {
  /** The number of the key in the lists of the configuration file. */
  readonly number: number;
  readonly keyId: string;
  /** `Enabled`, or another state of KMS. */
  readonly state: string;
  /** The id of the key in the JWKS; undefined when KMS does not return its public key. */
  readonly kid: string | undefined;
}

/** Reads the number in the alias of a key: `alias/<name>/session` has number 1, `alias/<name>/session-2` number 2. */
async function fetchNumber(instance: Instance, keyId: string, alias: string): Promise<number> {
  const call = kmsOf(instance).send(new ListAliasesCommand({ KeyId: keyId }));
  const { Aliases = [] } = await answerOfAws('KMS', call);
  const suffixes = Aliases.flatMap(({ AliasName = '' }) =>
    AliasName.startsWith(alias) ? [AliasName.slice(alias.length)] : [],
  );
  const own = suffixes.find((suffix) => /^(-[1-9]\d*)?$/.test(suffix));
  if (own === undefined)
    throw new CommandError(`The KMS key ${keyId} has no alias ${alias} with its number: deploy the stack again.`);
  return own === '' ? 1 : Number(own.slice(1));
}

async function fetchState(instance: Instance, keyId: string): Promise<string> {
  const call = kmsOf(instance).send(new DescribeKeyCommand({ KeyId: keyId }));
  const { KeyMetadata } = await answerOfAws('KMS', call);
  return KeyMetadata?.KeyState ?? 'unknown';
}

async function fetchPublicKey(instance: Instance, keyId: string): Promise<PublicKey> {
  const { PublicKey } = await kmsOf(instance).send(new GetPublicKeyCommand({ KeyId: keyId }));
  return publicKeyFrom(keyId, PublicKey);
}

/** A key that is out of service has no public key. */
async function fetchKid(instance: Instance, keyId: string): Promise<string | undefined> {
  return fetchPublicKey(instance, keyId).then(
    ({ kid }) => kid,
    () => undefined,
  );
}

/**
 * Fetches the public keys of session tokens from KMS, in the order of the stack: the first one signs, all verify.
 *
 * @throws CommandError when a key is out of service, and for any other failure of KMS
 */
export async function fetchSessionKeys(instance: Instance): Promise<readonly PublicKey[]> {
  return Promise.all(instance.sessionKeyIds.map((keyId) => answerOfAws('KMS', fetchPublicKey(instance, keyId))));
}

/**
 * Describes the keys of a kind in the order of the stack: the first one signs, all verify.
 *
 * @throws CommandError
 */
export async function describeKeys(kind: KeyName, target: DeployedTarget): Promise<readonly DeployedKey[]> {
  const { instance, namePrefix } = target;
  const keyIds = kind === 'ticket' ? instance.ticketKeyIds : instance.sessionKeyIds;
  const describeKey = async (keyId: string): Promise<DeployedKey> => {
    const [number, state, kid] = await Promise.all([
      fetchNumber(instance, keyId, `alias/${namePrefix}/${kind}`),
      fetchState(instance, keyId),
      fetchKid(instance, keyId),
    ]);
    return { number, keyId, state, kid };
  };
  return Promise.all(keyIds.map(describeKey));
}
