import { createHash, verify } from 'node:crypto';
import { SignCommand } from '@aws-sdk/client-kms';
import { ApiError } from '../base/errors.ts';
import { measure } from '../base/metrics.ts';
import { answeredByKms, kms } from './kms.ts';
import type { VerificationKey } from './signing-keys.ts';

/** The `header.payload` part of a JWT (RFC 7515 section 5.1). */
export function signingInput(header: object, payload: object): string {
  return `${base64url(header)}.${base64url(payload)}`;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Whether a signature is RS256 (RFC 7518 section 3.3) of this input by this key. Local: KMS is not asked. */
export function isSignedBy(key: VerificationKey, input: string, signature: Uint8Array): boolean {
  return verify('sha256', Buffer.from(input), key.publicKey, signature);
}

/**
 * The compact JWS of a signing input, signed by KMS. Only the digest is sent: KMS takes at most 4096 bytes of a message, and
 * an actor has no such bound. The signature is checked against the public key before it leaves, so a wrong key never signs
 * anyone in.
 *
 * @throws `too_many_requests` when KMS throttles, `service_unavailable` when it does not sign
 */
export async function sign(input: string, key: VerificationKey): Promise<string> {
  const digest = createHash('sha256').update(input).digest();
  const command = new SignCommand({
    KeyId: key.keyId,
    Message: digest,
    MessageType: 'DIGEST',
    SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
  });
  const startedAt = performance.now();
  const { Signature } = await answeredByKms(kms.send(command)).finally(() =>
    measure('SignLatency', performance.now() - startedAt),
  );
  if (!Signature || !isSignedBy(key, input, Signature)) {
    throw new ApiError('service_unavailable');
  }
  return `${input}.${Buffer.from(Signature).toString('base64url')}`;
}
