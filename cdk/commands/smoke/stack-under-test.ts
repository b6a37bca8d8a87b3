import { join } from 'node:path';
import { publishableKeyOf } from '../../../shared/base/publishable-key.ts';
import { ticketKeysOf } from '../../../shared/signing/signing-keys.ts';
import { answerOfAws } from '../error-sentence.ts';
import type { Target } from '../target.ts';

/** The stack that the tests of the official client call: a deployed one, or one that runs on this machine. */
export interface StackUnderTest {
  /** The URL of the Backend API. */
  readonly baseUrl: string;
  /** The URL for browsers, which can differ from that of the Backend API. */
  readonly frontendApiUrl: string;
  readonly secretKey: string;
  readonly publishableKey: string;
  readonly instanceId: string;
  readonly allowedOrigin: string;
  /** The path of a file with the public half of the key that signs tickets, which no endpoint publishes. */
  readonly ticketKeyPem: string;
  /** The URL of DynamoDB; empty for that of the administrator's AWS account. */
  readonly dynamodbEndpoint: string;
  /** The variables of the functions that describe the instance. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Returns the path of the public ticket key in the directory of a smoke test. */
export function ticketKeyFileIn(dir: string): string {
  return join(dir, 'ticket-key.pem');
}

/** Describes an instance to the tests, which get this secret key. */
export function describeStackUnderTest(target: Target, secretKey: string, dir: string): StackUnderTest {
  const { apiUrl, environment, instance } = target;
  const url = new URL(instance.frontendApiUrl);
  return {
    baseUrl: apiUrl,
    frontendApiUrl: instance.frontendApiUrl,
    secretKey,
    publishableKey: publishableKeyOf(url),
    instanceId: instance.id,
    // The Frontend API always allows its own origin.
    allowedOrigin: url.origin,
    ticketKeyPem: ticketKeyFileIn(dir),
    dynamodbEndpoint: instance.aws.endpoints?.dynamodb ?? '',
    environment,
  };
}

/**
 * Fetches the public half of the key that signs tickets, as PEM.
 *
 * @throws CommandError
 */
export async function fetchTicketKeyPem({ instance }: Target): Promise<string> {
  const { key } = await answerOfAws('KMS', ticketKeysOf(instance).signer());
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
