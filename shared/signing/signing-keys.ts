import { GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { cached } from '../base/cached.ts';
import { type Instance, perInstance } from '../base/instance.ts';
import { logDropped } from '../base/log.ts';
import { answerOfKms, kmsOf } from './kms.ts';
import { type PublicKey, publicKeyFrom } from './public-key.ts';

/** The keys of one kind of JWT. The first signs; all verify, so that a key can be replaced while its tokens are still valid. */
interface SigningKeys {
  readonly all: () => Promise<readonly PublicKey[]>;
  readonly signer: () => Promise<PublicKey>;
}

async function fetchPublicKey(instance: Instance, keyId: string): Promise<PublicKey> {
  const { PublicKey } = await answerOfKms(kmsOf(instance).send(new GetPublicKeyCommand({ KeyId: keyId })));
  return publicKeyFrom(keyId, PublicKey);
}

/** The exceptions of KMS for a key that is out of service. Any other failure can be temporary. */
const OUT_OF_SERVICE = ['AccessDeniedException', 'DisabledException', 'KMSInvalidStateException', 'NotFoundException'];

function isOutOfService(failure: unknown): boolean {
  const cause = failure instanceof Error ? failure.cause : undefined;
  return cause instanceof Error && OUT_OF_SERVICE.includes(cause.name);
}

/**
 * The public keys that are in service. A key out of service is disabled, deleted, or not allowed during a deployment, which changes roles
 * and functions one after the other. It must not prevent the others from verifying; it is logged once.
 *
 * @throws if any other key cannot be fetched: to continue would reject its valid tickets and publish an incomplete JWKS
 */
async function fetchKeysInService(
  keys: readonly (() => Promise<PublicKey>)[],
  logged: WeakSet<object>,
): Promise<readonly PublicKey[]> {
  const fetched = await Promise.allSettled(keys.map((key) => key()));
  const found = fetched.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failures = fetched.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  const passing = failures.find((failure) => !isOutOfService(failure));
  if (passing !== undefined) throw passing;
  if (found.length === 0) throw failures[0];
  for (const failure of failures) {
    // Every request gets the same cached failure.
    if (!logged.has(failure)) logDropped('verification_key', failure);
    logged.add(failure);
  }
  return found;
}

function signingKeys(instance: Instance, keyIds: readonly string[]): SigningKeys {
  // A lasting failure is cached, so that invalid tickets do not cause a call to KMS for each request.
  const keys = keyIds.map((keyId) => cached(() => fetchPublicKey(instance, keyId), isOutOfService));
  const logged = new WeakSet();
  const [first] = keys;
  if (!first) throw new Error('No KMS key id is configured.');
  return { all: () => fetchKeysInService(keys, logged), signer: first };
}

/** The keys of tickets. Their public halves are not published: only this product verifies tickets. */
export const ticketKeysOf = perInstance((instance) => signingKeys(instance, instance.ticketKeyIds));

/** The keys of the seals of the record. Their public halves are not in the JWKS. */
export const auditKeysOf = perInstance((instance) => signingKeys(instance, instance.audit?.keyIds ?? []));

/** The keys of session tokens. Their public halves are in the JWKS, for everyone who receives a session token. */
export const sessionKeysOf = perInstance((instance) => signingKeys(instance, instance.sessionKeyIds));

/**
 * Fetches the keys with which sessions are proved and session tokens are signed. A request awaits it beside its first read, so that a cold
 * one does not wait for KMS twice more. A failure is thrown where the key is used.
 */
export async function fetchSessionKeys(instance: Instance): Promise<void> {
  await Promise.allSettled([ticketKeysOf(instance).all(), sessionKeysOf(instance).signer()]);
}

/** Fetches the key that signs tickets, as `fetchSessionKeys` does. */
export async function fetchTicketKey(instance: Instance): Promise<void> {
  await Promise.allSettled([ticketKeysOf(instance).signer()]);
}
