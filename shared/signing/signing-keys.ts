import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { cached } from '../base/cached.ts';
import { config } from '../base/config.ts';
import { logDropped } from '../base/log.ts';
import { answeredByKms, kms } from './kms.ts';

/** The public half of a KMS key. `keyId` is AWS's name for it, `kid` ours: its RFC 7638 thumbprint. */
export interface VerificationKey {
  readonly keyId: string;
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly jwk: {
    readonly use: 'sig';
    readonly kty: 'RSA';
    readonly kid: string;
    readonly alg: 'RS256';
    readonly n: string;
    readonly e: string;
  };
}

/** The keys of one kind of JWT. The first signs; all verify, so that a key can be replaced while its tokens still live. */
export interface SigningKeys {
  readonly all: () => Promise<readonly VerificationKey[]>;
  readonly signer: () => Promise<VerificationKey>;
}

/** RFC 7638 section 3: the required members of an RSA key, in this order. */
function thumbprint({ e, kty, n }: Required<Pick<JsonWebKey, 'e' | 'kty' | 'n'>>): string {
  return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
}

async function getVerificationKey(keyId: string): Promise<VerificationKey> {
  const { PublicKey } = await answeredByKms(kms.send(new GetPublicKeyCommand({ KeyId: keyId })));
  if (!PublicKey) throw new Error(`KMS has no public key for ${keyId}.`);
  const publicKey = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
  const { kty, n, e } = publicKey.export({ format: 'jwk' });
  if (kty !== 'RSA' || !n || !e) throw new Error(`The KMS key ${keyId} is not an RSA key.`);
  const kid = thumbprint({ e, kty, n });
  return { keyId, kid, publicKey, jwk: { use: 'sig', kty, kid, alg: 'RS256', n, e } };
}

/** What KMS says of a key that is out of service. Any other failure can be over the next moment. */
const OUT_OF_SERVICE = ['AccessDeniedException', 'DisabledException', 'KMSInvalidStateException', 'NotFoundException'];

function isOutOfService(failure: unknown): boolean {
  const cause = failure instanceof Error ? failure.cause : undefined;
  return cause instanceof Error && OUT_OF_SERVICE.includes(cause.name);
}

/**
 * A key that is out of service must not keep the others from their work: disabled, deleted, or not yet or no longer allowed
 * while a deployment changes roles and functions one after the other.
 *
 * @throws when KMS does not tell another one: without it, its tickets would be called invalid, and verifiers would keep a
 * JWKS that lacks it
 */
async function readable(
  keys: readonly (() => Promise<VerificationKey>)[],
  logged: WeakSet<object>,
): Promise<readonly VerificationKey[]> {
  const read = await Promise.allSettled(keys.map((key) => key()));
  const found = read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failures = read.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  const passing = failures.find((failure) => !isOutOfService(failure));
  if (passing !== undefined) throw passing;
  if (found.length === 0 && failures.length > 0) throw failures[0];
  for (const failure of failures) {
    // One that is kept is met by every request.
    if (!logged.has(failure)) logDropped('verification_key', failure);
    logged.add(failure);
  }
  return found;
}

function signingKeys(keyIds: readonly string[]): SigningKeys {
  // Whoever sends garbage must not make us ask KMS for a key that is out of service, request after request.
  const keys = keyIds.map((keyId) => cached(() => getVerificationKey(keyId), isOutOfService));
  const logged = new WeakSet();
  const [first] = keys;
  if (!first) throw new Error('No KMS key id is configured.');
  return { all: () => readable(keys, logged), signer: first };
}

/** Signs tickets. Its public half is published nowhere: only we verify tickets. */
export const ticketKeys = signingKeys(config.ticketKeyIds);

/** Signs session tokens. Its public half is in the JWKS, for whoever receives one. */
export const sessionKeys = signingKeys(config.sessionKeyIds);
