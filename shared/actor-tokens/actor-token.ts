/**
 * An actor token: permission for an actor to sign in as a user, once. `pending → accepted` (redeemed) and
 * `pending → revoked` are its only transitions, both final; expiry is derived from the time and is not a stored status. A request for one
 * that the blocklist or the policy refused is stored as `refused`: no ticket of it was ever signed.
 */
import type { ActorTokenId, ClientId, SessionId, UserId } from '../base/ids.ts';
import type { Verified } from '../base/operators.ts';
import type { EpochMs } from '../base/time.ts';

type ActorTokenStatus = 'pending' | 'accepted' | 'revoked' | 'refused';

/** Opaque except for `sub`: carried unchanged from the request into `act`. */
export type Actor = Readonly<Record<string, unknown>> & { readonly sub: string };

/** The actor and the user they act as. An actor token permits it, and the session that it starts has the same. */
export interface Impersonation {
  readonly userId: UserId;
  /** The customer's own id of the user when the actor token was created; undefined for a user who had none. */
  readonly externalId: string | undefined;
  readonly actor: Actor;
  /** The operator who created the actor token; undefined when a secret key did. */
  readonly verified: Verified | undefined;
  /** Why the actor acts as the user. */
  readonly reason: string | undefined;
  /** The rule of the policy that allowed the actor token when it was created; undefined without a policy. */
  readonly rule: string | undefined;
}

/**
 * The redemption of an actor token. With the signature of the ticket, the record proves for itself that a ticket key signed what it
 * says; the session that the redemption started is compared with it.
 */
export interface Acceptance {
  readonly at: EpochMs;
  /** The address of the browser; undefined in a record from which a person was erased. */
  readonly from: string | undefined;
  readonly sessionId: SessionId;
  readonly clientId: ClientId;
  /** SHA-256 of the secret that the redemption gave to the browser, in hexadecimal. */
  readonly clientSecretHash: string;
  /** Signature of the redeemed ticket, in base64url. It is part of no answer, log line or export. */
  readonly ticketSignature: string;
}

export interface ActorToken extends Impersonation {
  readonly id: ActorTokenId;
  readonly status: ActorTokenStatus;
  /** SHA-256 of the ticket's signing input, in hexadecimal; the ticket itself is not stored. */
  readonly ticketHash: string;
  readonly expireAt: EpochMs;
  readonly sessionMaxDurationInSeconds: number;
  readonly generation: number;
  readonly createdAt: EpochMs;
  /** The address from which it was created; undefined in a record from which a person was erased. */
  readonly createdFrom: string | undefined;
  readonly updatedAt: EpochMs;
  /** Set when accepted. */
  readonly acceptance: Acceptance | undefined;
  /** Nonce of the request that accepted or revoked it. */
  readonly attempt: string | undefined;
}
