/**
 * The ticket: the JWT inside an actor token. It only refers to the stored actor token; user, actor and durations stay on
 * our side. It never has a `sub`, and its key is not published, so it cannot pass as a session token anywhere.
 *
 * Source of claims: tickets as Clerk's API issues them. `eis` life in seconds, `exp`, `iid` instance, `sid` the actor token's
 * id ("source id"), `st` "source type".
 */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import { type ActorTokenId, isId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { type EpochMs, fromNumericDate, toNumericDate } from '../base/time.ts';
import { isSignedBy, sign, signingInput } from './sign.ts';
import { ticketKeys } from './signing-keys.ts';

const HEADER = { alg: 'RS256', typ: 'JWT' } as const;
const SOURCE_TYPE = 'actor_token';
/** Every ticket of ours begins with this, so no other header, algorithm or key hint is ever looked at (RFC 8725 section 3.1). */
const HEADER_SEGMENT = signingInput(HEADER, {}).split('.')[0];

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

/**
 * The three parts, if they are spelled the one way we spell them: Node's base64url decoder also takes padding, the other
 * alphabet and spare bits, and a ticket must not have several spellings.
 */
function canonicalParts(
  ticket: string,
): { readonly input: string; readonly payload: Buffer; readonly signature: Buffer } | undefined {
  if (ticket.length > limits.ticketBytes || !ticket.startsWith(`${HEADER_SEGMENT}.`)) return undefined;
  const [header, ...rest] = ticket.split('.');
  const [payload, signature] = rest.map((segment) => Buffer.from(segment, 'base64url'));
  if (rest.length !== 2 || !payload || !signature) return undefined;
  const input = `${header}.${payload.toString('base64url')}`;
  return `${input}.${signature.toString('base64url')}` === ticket ? { input, payload, signature } : undefined;
}

function parsedClaims(payload: Buffer): v.InferOutput<typeof claims> | undefined {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), claims), payload.toString());
  return result.success ? result.output : undefined;
}

/**
 * Which actor token a ticket refers to. Only a ticket signed by this instance's ticket key, unaltered and unexpired, gets
 * through; whether it is still pending is for the store to say. Costs no AWS call but the first fetch of the public key.
 *
 * @throws `ticket_invalid_code` for anything that is not such a ticket, `ticket_expired_code`
 */
export async function verifyTicket(ticket: string, now: EpochMs): Promise<TicketReference> {
  const parts = canonicalParts(ticket);
  const isSigned = parts && (await ticketKeys.all()).some((key) => isSignedBy(key, parts.input, parts.signature));
  const claimed = isSigned ? parsedClaims(parts.payload) : undefined;
  if (!parts || !claimed) throw new ApiError('ticket_invalid_code');
  if (fromNumericDate(claimed.exp) <= now) throw new ApiError('ticket_expired_code');
  return { actorTokenId: claimed.sid, hash: hashOf(parts.input) };
}
