import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { blockKeysOfActor, type Judgement, judge } from '../authority/judge.ts';
import { operatorRequired, refusalError } from '../authority/refusal.ts';
import { both } from '../base/both.ts';
import type { CreatingCall } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { count, note } from '../base/metrics.ts';
import type { Operator } from '../base/operators.ts';
import { type EpochMs, fromNumericDate, plusSeconds, toNumericDate } from '../base/time.ts';
import { fetchTicketKey } from '../signing/signing-keys.ts';
import { signTicket } from '../signing/ticket.ts';
import { getItemsByKey } from '../storage/read.ts';
import { write } from '../storage/write.ts';
import { findUserId } from '../users/read-users.ts';
import type { User } from '../users/user.ts';
import { userFrom } from '../users/user-record.ts';
import type { Actor, ActorToken, Impersonation } from './actor-token.ts';
import { actorTokenItem, type RecordedRefusal, refusedItem } from './actor-token-record.ts';
import { type AskedDurations, type Durations, durationsUnder } from './durations.ts';
import { unsignedTicketOf } from './ticket-of.ts';

export interface CreateActorToken extends AskedDurations {
  /** The id of the user, or the external id. */
  readonly userId: string;
  readonly actor: Actor;
  readonly reason: string | undefined;
}

interface CreatedActorToken {
  readonly actorToken: ActorToken;
  /** The plaintext ticket. It cannot be created again from the stored item. */
  readonly ticket: string;
}

async function putActorToken(Item: ReturnType<typeof actorTokenItem>, { instance }: CreatingCall): Promise<void> {
  const put = new PutItemCommand({
    TableName: instance.tables.actorTokens,
    Item,
    // The SDK can send a write twice. A copy that arrives late must not make a redeemed token pending again.
    ConditionExpression: 'attribute_not_exists(id)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  const outcome = await write(instance, put);
  const isOurs = outcome.committed || outcome.current?.ticket_hash === Item.ticket_hash?.S;
  if (!isOurs) throw new Error('An actor token with this id exists already.');
}

/** The ticket states its expiry in whole seconds, and the stored expiry must not be later. */
function expiryOf(expiresInSeconds: number, now: EpochMs): EpochMs {
  return fromNumericDate(toNumericDate(plusSeconds(now, expiresInSeconds)));
}

/** An actor token as it is created, before it is known whether it is pending or refused. */
function newActorToken(
  impersonation: Impersonation,
  durations: Durations,
  { instance, caller, now }: CreatingCall,
): ActorToken {
  const { expiresInSeconds, sessionMaxDurationInSeconds } = durations;
  const permitted = {
    ...impersonation,
    id: newId('act', now),
    expireAt: expiryOf(expiresInSeconds, now),
    sessionMaxDurationInSeconds,
    generation: instance.generation,
    createdAt: now,
    createdFrom: caller.sourceIp,
  };
  return {
    ...permitted,
    status: 'pending',
    ticketHash: unsignedTicketOf(permitted, instance).hash,
    updatedAt: now,
    acceptance: undefined,
    attempt: undefined,
  };
}

/** The operator who sends the request; undefined for a customer's server. */
function operatorOf({ caller }: CreatingCall): Operator | undefined {
  return 'operator' in caller ? caller.operator : undefined;
}

/** True when an operator names another actor than themselves. */
function isOfAnother({ sub, iss }: Actor, { subject, verified }: Operator): boolean {
  return sub !== subject || (iss !== undefined && iss !== verified.iss);
}

function userNotFound(): ApiError {
  return new ApiError({ code: 'resource_not_found', sentence: 'No user was found with this user_id.' });
}

/** The user, with the judgement on this actor becoming them, from one read (strongly consistent). */
async function judgeCreation(
  { userId: named, actor, reason }: CreateActorToken,
  call: CreatingCall,
): Promise<{ readonly user: User; readonly judgement: Judgement }> {
  const { instance, now } = call;
  const verified = operatorOf(call)?.verified;
  const id = await findUserId(instance, named);
  if (id === undefined) throw userNotFound();
  const userKey = { table: instance.tables.users, id };
  const itemOf = await getItemsByKey(instance, [userKey, ...blockKeysOfActor({ actor, verified }, instance)]);
  const item = itemOf(userKey);
  if (!item) throw userNotFound();
  const user = userFrom(item);
  const asked = { actor, verified, reason, user, createdAt: now, now, isSameAddress: undefined };
  return { user, judgement: judge(itemOf, asked, instance) };
}

function actorMismatch(): ApiError {
  return new ApiError({
    code: 'not_allowed_access',
    meta: { param_name: 'actor', kind: 'actor_mismatch' },
    sentence: "actor must be the operator of the token: leave it out, or write the operator's own sub and iss.",
  });
}

/** A missing or short reason is a fault of the parameter, which the caller can repair. */
function reasonError(reason: string | undefined, rule: string): ApiError {
  const meta = { param_name: 'reason', kind: 'policy', title: rule };
  return reason === undefined
    ? new ApiError({ code: 'form_param_missing', meta })
    : new ApiError({
        code: 'form_param_value_invalid',
        meta,
        sentence: `reason is too short: rule ${rule} of the policy asks for more.`,
      });
}

/** Stores the request as refused, and throws why. A refusal that cannot be stored fails with the error of the write. */
async function refuse(
  token: ActorToken,
  refusal: RecordedRefusal,
  error: ApiError,
  call: CreatingCall,
): Promise<never> {
  await putActorToken(refusedItem({ ...token, status: 'refused' }, refusal, call), call);
  throw error;
}

/**
 * Creates a pending actor token and its ticket. For an unknown user nothing is signed or stored. A request that the blocklist or the policy
 * refuses, and one of an operator for another actor, is stored as refused, and nothing is signed. A secret key where operators are required,
 * a missing reason and a duration that is too long are not stored.
 *
 * @throws `resource_not_found`, `not_allowed_access`, `form_param_missing`, `form_param_value_invalid`, `form_param_value_too_large`,
 * `too_many_requests`, `service_unavailable`
 */
export async function createActorToken(params: CreateActorToken, call: CreatingCall): Promise<CreatedActorToken> {
  const { actor, reason } = params;
  const operator = operatorOf(call);
  if (call.instance.authority.operators?.required && !operator)
    throw operatorRequired(
      'Only operators create actor tokens here: send a token of your identity provider as the bearer, in place of the secret key.',
    );
  const [{ user, judgement }] = await both(judgeCreation(params, call), fetchTicketKey(call.instance));
  const rule = judgement.isAllowed ? judgement.rule : undefined;
  const impersonation: Impersonation = {
    userId: user.id,
    externalId: user.externalId ?? undefined,
    actor,
    verified: operator?.verified,
    reason,
    rule: rule?.id,
  };
  const create = (asked: AskedDurations) =>
    newActorToken(impersonation, durationsUnder(rule, asked, call.instance), call);
  const unasked = { expiresInSeconds: undefined, sessionMaxDurationInSeconds: undefined };
  note({ user_id: user.id, actor_sub: actor.sub });
  if (operator && isOfAnother(actor, operator))
    return refuse(create(unasked), { cause: 'actor_mismatch' }, actorMismatch(), call);
  if (!judgement.isAllowed) {
    if (judgement.cause === 'policy' && judgement.lacks === 'reason') throw reasonError(reason, judgement.rule);
    return refuse(create(unasked), judgement, refusalError(judgement), call);
  }

  const actorToken = create(params);
  note({ actor_token_id: actorToken.id });
  const [signed, stored] = await Promise.allSettled([
    signTicket(call.instance, unsignedTicketOf(actorToken, call.instance)),
    putActorToken(actorTokenItem(actorToken, call), call),
  ]);
  if (stored.status === 'rejected') throw stored.reason;
  count('Created');
  if (signed.status === 'rejected') throw signed.reason;
  return { actorToken, ticket: signed.value };
}
