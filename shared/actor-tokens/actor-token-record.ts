import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import type { BrowserCall, Call, Caller, CreatingCall, RevokingCall } from '../base/call.ts';
import { type ActorTokenId, idSchema } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { operatorKeyOf } from '../base/operators.ts';
import { DAY_IN_SECONDS, type EpochMs, toNumericDate } from '../base/time.ts';
import { instant, recordFrom } from '../storage/attributes.ts';
import type { Item } from '../storage/item.ts';
import { getItem } from '../storage/read.ts';
import type { Change } from '../storage/update.ts';
import type { Acceptance, ActorToken } from './actor-token.ts';
import {
  erasedImpersonationAttributes,
  impersonationAttributes,
  impersonationEntries,
  impersonationFrom,
} from './impersonation-record.ts';

/** The hash and the signature of a ticket in a token from which a person was erased. No ticket has them. */
const ERASED = 'erased';

const record = v.object({
  id: idSchema('act'),
  status: v.picklist(['pending', 'accepted', 'revoked', 'refused']),
  ...impersonationEntries,
  ticket_hash: v.string(),
  expire_at: instant,
  session_max_duration_in_seconds: v.number(),
  generation: v.number(),
  created_at: instant,
  created_from: v.nullish(v.string()),
  updated_at: instant,
  accepted_at: v.optional(instant),
  accepted_from: v.nullish(v.string()),
  session_id: v.optional(idSchema('sess')),
  client_id: v.optional(idSchema('client')),
  client_secret_hash: v.optional(v.string()),
  ticket_signature: v.optional(v.string()),
  attempt: v.optional(v.string()),
});

/** The redemption, if all its attributes are stored. */
function acceptanceFrom(stored: v.InferOutput<typeof record>): Acceptance | undefined {
  const { accepted_at, accepted_from, session_id, client_id, client_secret_hash, ticket_signature } = stored;
  if (!accepted_at || !session_id || !client_id || !client_secret_hash || !ticket_signature) return undefined;
  return {
    at: accepted_at,
    from: accepted_from ?? undefined,
    sessionId: session_id,
    clientId: client_id,
    clientSecretHash: client_secret_hash,
    ticketSignature: ticket_signature,
  };
}

/** @throws `service_unavailable` when the item is not an actor token */
export function actorTokenFrom(item: Item): ActorToken {
  const stored = recordFrom(record, item);
  return {
    id: stored.id,
    status: stored.status,
    ...impersonationFrom(stored),
    ticketHash: stored.ticket_hash,
    expireAt: stored.expire_at,
    sessionMaxDurationInSeconds: stored.session_max_duration_in_seconds,
    generation: stored.generation,
    createdAt: stored.created_at,
    createdFrom: stored.created_from ?? undefined,
    updatedAt: stored.updated_at,
    acceptance: acceptanceFrom(stored),
    attempt: stored.attempt,
  };
}

/** The second after which DynamoDB may delete the item: the audit retention after the latest possible end of its session. */
function ttlOf({ expireAt, sessionMaxDurationInSeconds }: ActorToken, { auditRetentionDays }: Instance): number {
  return toNumericDate(expireAt) + sessionMaxDurationInSeconds + auditRetentionDays * DAY_IN_SECONDS;
}

/** Why a request was refused, in the record. */
export interface RecordedRefusal {
  readonly cause: string;
  readonly rule?: string;
}

/** The creator in the record. */
function creatorAttributes(caller: CreatingCall['caller']) {
  if (!('operator' in caller)) return { created_by: caller.secretKeyId };
  return { created_by: 'operator', operator_key: operatorKeyOf(caller.operator.verified) };
}

/** The item of a new actor token, with its creator. */
export function actorTokenItem(token: ActorToken, { instance, caller }: CreatingCall) {
  const item = {
    id: token.id,
    status: token.status,
    ...impersonationAttributes(token),
    ticket_hash: token.ticketHash,
    expire_at: token.expireAt,
    session_max_duration_in_seconds: token.sessionMaxDurationInSeconds,
    generation: token.generation,
    created_at: token.createdAt,
    updated_at: token.updatedAt,
    ...creatorAttributes(caller),
    policy: instance.authority.policy?.version,
    created_from: token.createdFrom,
    created_with: caller.userAgent,
    ttl: ttlOf(token, instance),
  };
  return marshall(item, { removeUndefinedValues: true });
}

/**
 * The item of a request that was refused. It is part of the record of who wanted to act as whom; its id was told to nobody, and no ticket
 * of it was signed.
 */
export function refusedItem(token: ActorToken, refusal: RecordedRefusal, call: CreatingCall) {
  const { auditRetentionDays } = call.instance;
  const attributes = {
    refusal: refusal.cause,
    refused_rule: refusal.rule,
    ttl: toNumericDate(call.now) + auditRetentionDays * DAY_IN_SECONDS,
  };
  return { ...actorTokenItem(token, call), ...marshall(attributes, { removeUndefinedValues: true }) };
}

interface Transition<By> {
  /** Nonce of the request. */
  readonly attempt: string;
  readonly caller: By;
  readonly now: EpochMs;
}

/**
 * The change that records that the ticket of a pending token was presented, and refused by the blocklist or the policy. A refusal with a
 * later time stays.
 */
export function refusedRedemption(
  { id }: ActorToken,
  { cause, rule, at }: RecordedRefusal & { readonly at: EpochMs },
  { instance, caller }: BrowserCall,
) {
  return {
    table: instance.tables.actorTokens,
    key: { id },
    set: {
      // Written as it is, for the name in the condition.
      status: 'pending',
      refused_at: at,
      refusal: cause,
      refused_rule: rule ?? null,
      refused_from: caller.sourceIp,
      refused_with: caller.userAgent ?? null,
    },
    condition: '#status = :pending AND (attribute_not_exists(#refused_at) OR #refused_at < :refused_at)',
    values: { pending: 'pending' },
  } satisfies Change;
}

/** The attributes that a redemption changes. */
export function acceptanceAttributes(
  { attempt, caller, now }: Transition<Caller>,
  { at, from, sessionId, clientId, clientSecretHash, ticketSignature }: Acceptance,
) {
  return {
    status: 'accepted',
    updated_at: now,
    attempt,
    accepted_at: at,
    session_id: sessionId,
    client_id: clientId,
    client_secret_hash: clientSecretHash,
    ticket_signature: ticketSignature,
    accepted_from: from,
    accepted_with: caller.userAgent ?? null,
  };
}

/** The attributes that a revocation changes. An administrator's command has no secret key and no address. */
export function revocationAttributes({ attempt, caller, now }: Transition<RevokingCall['caller']>) {
  return {
    status: 'revoked',
    updated_at: now,
    attempt,
    revoked_by: caller.secretKeyId ?? (caller.operator ? 'operator' : null),
    revoked_from: caller.sourceIp ?? null,
    revoked_with: caller.userAgent ?? null,
  };
}

/**
 * The change that erases a person from a token that is not live: it was revoked, it expired, or the session that it started is over. The
 * caller has read that session, and a session that is over stays so. The hash and the signature of the ticket go too: with them, a guess
 * at the actor could be checked.
 */
export function actorTokenErasure({ id, status }: ActorToken, { instance, now }: Call) {
  const isAsRead = '#status = :status';
  const isNotRedeemable = '(#status <> :pending OR expire_at <= :now)';
  const erased = {
    // Written as it is, for the name in the condition.
    status,
    ...erasedImpersonationAttributes(now),
    ticket_hash: ERASED,
    ticket_signature: ERASED,
    created_from: null,
    created_with: null,
    accepted_from: null,
    accepted_with: null,
    revoked_from: null,
    revoked_with: null,
    refused_from: null,
    refused_with: null,
    operator_key: null,
  };
  return {
    table: instance.tables.actorTokens,
    key: { id },
    set: erased,
    condition: `${isAsRead} AND ${isNotRedeemable} AND attribute_not_exists(erased_at)`,
    values: { pending: 'pending', now },
  } satisfies Change;
}

/** The token as it is now (strongly consistent), or undefined. */
export async function getActorToken(instance: Instance, id: ActorTokenId): Promise<ActorToken | undefined> {
  const item = await getItem(instance, instance.tables.actorTokens, { id });
  return item && actorTokenFrom(item);
}
