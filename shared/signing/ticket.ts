/**
 * The ticket: the JWT inside an actor token. It refers to the stored actor token, and its signature covers what that token permits, so
 * a changed record and its ticket do not fit together. It never has a `sub`, and its key is not published, so no verifier accepts it as
 * a session token.
 *
 * Source of claims: tickets as Clerk's API issues them. `eis` life in seconds, `exp`, `iid` instance, `sid` the actor token's
 * id ("source id"), `st` "source type". `permit` is a private claim of this product: the hash of what the token permits.
 */
import { base64url } from 'jose';
import * as v from 'valibot';
import type { Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { type ActorTokenId, idSchema } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { limits } from '../base/limits.ts';
import { note, noteProvedCaller } from '../base/metrics.ts';
import { sha256 } from '../base/sha256.ts';
import { type EpochMs, fromNumericDate, toNumericDate } from '../base/time.ts';
import { sign, signingInput } from './sign.ts';
import { ticketKeysOf } from './signing-keys.ts';
import { isCompactJws, verifiedPayload } from './verify.ts';

const HEADER = { alg: 'RS256', typ: 'JWT' } as const;
const SOURCE_TYPE = 'actor_token';
/** The first segment of every ticket. A JWT with another header, and so with another algorithm or a key hint, is not parsed. */
const HEADER_SEGMENT = base64url.encode(JSON.stringify(HEADER));

export interface UnsignedTicket {
  readonly signingInput: string;
  /** SHA-256 of the signing input, in hexadecimal; stored in place of the ticket. */
  readonly hash: string;
}

/** A verified ticket. */
export interface TicketReference {
  readonly actorTokenId: ActorTokenId;
  /** SHA-256 of the signing input, in hexadecimal. */
  readonly hash: string;
  /** The last segment of the ticket. */
  readonly signature: string;
}

const claims = v.object({
  exp: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  iid: v.string(),
  sid: idSchema('act'),
  st: v.literal(SOURCE_TYPE),
});

/** The values that a ticket states. */
interface TicketContent {
  readonly id: ActorTokenId;
  readonly createdAt: EpochMs;
  readonly expireAt: EpochMs;
  /** The hash of what the actor token permits. */
  readonly permit: string;
}

/** A ticket without its signature. The same content always gives the same text, so its hash is known before KMS signs. */
export function unsignedTicket(instance: Instance, { id, createdAt, expireAt, permit }: TicketContent): UnsignedTicket {
  const payload = {
    eis: toNumericDate(expireAt) - toNumericDate(createdAt),
    exp: toNumericDate(expireAt),
    iid: instance.id,
    permit,
    sid: id,
    st: SOURCE_TYPE,
  };
  const input = signingInput(HEADER, payload);
  return { signingInput: input, hash: sha256(input) };
}

/**
 * The ticket with its signature.
 *
 * @throws `too_many_requests`, `service_unavailable`
 */
export async function signTicket(instance: Instance, ticket: UnsignedTicket): Promise<string> {
  return sign(instance, ticket.signingInput, await ticketKeysOf(instance).signer());
}

async function verifiedClaims(instance: Instance, ticket: string): Promise<v.InferOutput<typeof claims> | undefined> {
  for (const key of await ticketKeysOf(instance).all()) {
    const payload = await verifiedPayload(ticket, key);
    if (!payload) continue;
    const result = v.safeParse(v.pipe(v.string(), v.parseJson(), claims), Buffer.from(payload).toString());
    return result.success && result.output.iid === instance.id ? result.output : undefined;
  }
  return undefined;
}

/**
 * Verifies a ticket. Only a ticket that this instance's ticket key signed, unaltered and unexpired, is accepted; the stored actor
 * token decides whether it is still pending. Makes no call to AWS, except for the first fetch of the public keys.
 *
 * @throws `ticket_invalid_code` for everything that is not such a ticket, `ticket_expired_code`
 */
export async function verifyTicket(ticket: string, { instance, now }: Call): Promise<TicketReference> {
  const isWellFormed =
    ticket.length <= limits.ticketBytes && ticket.startsWith(`${HEADER_SEGMENT}.`) && isCompactJws(ticket);
  const verified = isWellFormed ? await verifiedClaims(instance, ticket) : undefined;
  if (!verified) throw new ApiError('ticket_invalid_code');
  if (fromNumericDate(verified.exp) <= now) throw new ApiError('ticket_expired_code');
  note({ actor_token_id: verified.sid });
  noteProvedCaller();
  const end = ticket.lastIndexOf('.');
  return { actorTokenId: verified.sid, hash: sha256(ticket.slice(0, end)), signature: ticket.slice(end + 1) };
}

/**
 * True when a ticket key of this instance made this signature. Makes no call to AWS, except for the first fetch of the public keys.
 *
 * @throws `service_unavailable` when none of the keys that can be read made it, but a listed key cannot be read; `too_many_requests`
 */
export async function isTicketSignature(
  signature: string,
  { signingInput: input }: UnsignedTicket,
  instance: Instance,
): Promise<boolean> {
  const keys = await ticketKeysOf(instance).all();
  for (const key of keys) if (await verifiedPayload(`${input}.${signature}`, key)) return true;
  if (keys.length < instance.ticketKeyIds.length) throw new ApiError('service_unavailable');
  return false;
}
