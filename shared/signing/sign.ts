import { createHash } from 'node:crypto';
import { SignCommand } from '@aws-sdk/client-kms';
import { base64url } from 'jose';
import { ApiError } from '../base/errors.ts';
import type { Instance } from '../base/instance.ts';
import { measure } from '../base/metrics.ts';
import { answerOfKms, kmsOf } from './kms.ts';
import type { PublicKey } from './public-key.ts';
import { verifiedPayload } from './verify.ts';

/** The `header.payload` part of a JWT (RFC 7515 section 5.1). */
export function signingInput(header: object, payload: object): string {
  return `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(payload))}`;
}

/**
 * The compact JWS of a signing input, signed by KMS. Only the digest is sent: KMS accepts at most 4,096 bytes of a message, and an
 * actor can make it longer. The signature is verified before it is returned, so a wrong key never signs anyone in.
 *
 * @throws `too_many_requests` when KMS throttles, `service_unavailable` when it does not sign
 */
export async function sign(instance: Instance, input: string, key: PublicKey): Promise<string> {
  const command = new SignCommand({
    KeyId: key.keyId,
    Message: createHash('sha256').update(input).digest(),
    MessageType: 'DIGEST',
    SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
  });
  const startedAt = performance.now();
  const { Signature } = await answerOfKms(kmsOf(instance).send(command)).finally(() =>
    measure('SignLatency', performance.now() - startedAt),
  );
  const jws = Signature && `${input}.${base64url.encode(Signature)}`;
  if (!jws || !(await verifiedPayload(jws, key))) throw new ApiError('service_unavailable');
  return jws;
}
