/**
 * The ticket: the JWT inside an actor token. It only refers to the stored actor token; user, actor and durations stay on
 * our side. It never has a `sub`, and its key is not published, so it cannot pass as a session token anywhere.
 *
 * Source of claims: tickets as Clerk's API issues them. `eis` life in seconds, `exp`, `iid` instance, `sid` the actor token's
 * id ("source id"), `st` "source type".
 */
import { createHash } from 'node:crypto';
import { compactVerify } from 'jose';
import * as v from 'valibot';
import { config } from '../config.ts';
import { ApiError } from '../errors.ts';
import { type ActorTokenId, isId } from '../ids.ts';
import { limits } from '../limits.ts';
import { type EpochMs, fromNumericDate, toNumericDate } from '../time.ts';
import { sign, signingInput } from './sign.ts';
import { type SigningKeys, ticketKeys } from './signing-keys.ts';

const HEADER = { alg: 'RS256', typ: 'JWT' } as const;
const SOURCE_TYPE = 'actor_token';
/** Every ticket of ours begins with this, so no other header is ever looked at (RFC 8725 sections 3.1 and 3.2). */
const HEADER_SEGMENT = signingInput(HEADER, {}).split('.')[0];
const SEGMENT = /^[A-Za-z0-9_-]+$/;

export interface UnsignedTicket {
  readonly signingInput: string;
  /** What is stored in place of the ticket. */
  readonly hash: string;
}

export interface TicketReference {
  readonly actorTokenId: ActorTokenId;
  readonly hash: string;
}

const claims = v.object({
  exp: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  iid: v.literal(config.instanceId),
  sid: v.custom<ActorTokenId>((sid) => isId('act', sid)),
  st: v.literal(SOURCE_TYPE),
});

function hashOf(input: string): string {
  return createHash('sha256').update(input).digest('hex');
}

/** The ticket of an actor token, but for its signature; its hash is known before KMS signs. */
export function unsignedTicket(
  actorTokenId: ActorTokenId,
  expireAt: EpochMs,
  expiresInSeconds: number,
): UnsignedTicket {
  const payload = {
    eis: expiresInSeconds,
    exp: toNumericDate(expireAt),
    iid: config.instanceId,
    sid: actorTokenId,
    st: SOURCE_TYPE,
  };
  const input = signingInput(HEADER, payload);
  return { signingInput: input, hash: hashOf(input) };
}

/** @throws `too_many_requests`, `service_unavailable` */
export async function signTicket(ticket: UnsignedTicket): Promise<string> {
  return sign(ticket.signingInput, await ticketKeys.signer());
}

async function verifiedPayload(ticket: string, keys: SigningKeys): Promise<Uint8Array | undefined> {
  for (const { publicKey } of await keys.all()) {
    const verified = await compactVerify(ticket, publicKey, { algorithms: [HEADER.alg] }).catch(() => undefined);
    if (verified) return verified.payload;
  }
  return undefined;
}

function hasCanonicalForm(ticket: string): boolean {
  const segments = ticket.split('.');
  const isCanonical = (segment: string) =>
    SEGMENT.test(segment) && Buffer.from(segment, 'base64url').toString('base64url') === segment;
  return ticket.length <= limits.ticketBytes && segments.length === 3 && segments.every(isCanonical);
}

function parsedClaims(payload: Uint8Array): v.InferOutput<typeof claims> | undefined {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), claims), new TextDecoder().decode(payload));
  return result.success ? result.output : undefined;
}

/**
 * Which actor token a ticket refers to. Only a ticket signed by this instance's ticket key, unaltered and unexpired, gets
 * through; whether it is still pending is for the store to say. Costs no AWS call but the first fetch of the public key.
 *
 * @throws `ticket_invalid_code` for anything that is not such a ticket, `ticket_expired_code`
 */
export async function verifyTicket(ticket: string, now: EpochMs): Promise<TicketReference> {
  const hasOurHeader = ticket.startsWith(`${HEADER_SEGMENT}.`);
  const payload = hasOurHeader && hasCanonicalForm(ticket) ? await verifiedPayload(ticket, ticketKeys) : undefined;
  const claimed = payload && parsedClaims(payload);
  if (!claimed) throw new ApiError('ticket_invalid_code');
  if (fromNumericDate(claimed.exp) <= now) throw new ApiError('ticket_expired_code');
  return { actorTokenId: claimed.sid, hash: hashOf(ticket.slice(0, ticket.lastIndexOf('.'))) };
}
