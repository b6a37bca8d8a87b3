import { randomUUID } from 'node:crypto';
import type { RevokingCall } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import type { ActorTokenId } from '../base/ids.ts';
import { count, note } from '../base/metrics.ts';
import { operatorKeyOf } from '../base/operators.ts';
import { type Change, writeChange } from '../storage/update.ts';
import type { ActorToken } from './actor-token.ts';
import { actorTokenFrom, revocationAttributes } from './actor-token-record.ts';
import { findOutcomeInTable } from './find-outcome-in-table.ts';

/** True when an operator asks, and another operator or a server created the token. */
function isOfAnother({ verified }: ActorToken, { caller: { operator } }: RevokingCall): boolean {
  return operator !== undefined && (!verified || operatorKeyOf(verified) !== operatorKeyOf(operator.verified));
}

/** The error for a token that cannot be revoked. Its session, if any, is not affected. */
function refusalOf(token: ActorToken | undefined, call: RevokingCall): ApiError {
  // Nobody was told of a token that was refused.
  const isKnown = token && token.generation === call.instance.generation && token.status !== 'refused';
  if (!isKnown || isOfAnother(token, call)) return new ApiError('resource_not_found');
  const sentence = `Actor token cannot be revoked because its status is ${token.status}. Only pending tokens can be revoked.`;
  const meta = token.acceptance && { session_id: token.acceptance.sessionId };
  return new ApiError({ code: 'actor_token_cannot_be_revoked_code', sentence, ...(meta ? { meta } : {}) });
}

/** The change that revokes a pending token of this generation; for an operator, only one of their own. */
function revocationOf(id: ActorTokenId, attempt: string, { instance, caller, now }: RevokingCall): Change {
  const isPending = '#status = :pending';
  const isOfThisGeneration = 'generation = :generation';
  const { operator } = caller;
  const isOfThisOperator = operator ? ' AND operator_key = :operator' : '';
  return {
    table: instance.tables.actorTokens,
    key: { id },
    set: revocationAttributes({ attempt, caller, now }),
    condition: `${isPending} AND ${isOfThisGeneration}${isOfThisOperator}`,
    values: {
      pending: 'pending',
      generation: instance.generation,
      ...(operator && { operator: operatorKeyOf(operator.verified) }),
    },
  };
}

/** Writes the revocation with this nonce, and returns the token that it revoked. */
async function writeRevocation(id: ActorTokenId, attempt: string, call: RevokingCall): Promise<ActorToken> {
  const { instance } = call;
  const isStillToBeRevoked = (current: ActorToken) => current.status === 'pending' && !isOfAnother(current, call);
  const whyNot = (current: ActorToken) => (isStillToBeRevoked(current) ? undefined : refusalOf(current, call));
  const outcome = await writeChange(instance, revocationOf(id, attempt, call)).catch((failure: unknown) =>
    findOutcomeInTable(instance, { id, attempt, failure }, whyNot),
  );
  if (!('committed' in outcome)) return outcome;
  if (outcome.committed) return actorTokenFrom(outcome.item);
  const current = outcome.current && actorTokenFrom(outcome.current);
  // The SDK repeats an update whose answer was lost. The repetition then fails on the revocation of this same request.
  if (current?.attempt === attempt) return current;
  throw refusalOf(current, call);
}

/**
 * Revokes a pending actor token: once this has returned, its ticket never signs anyone in. Works on expired tokens too. An operator
 * revokes their own.
 *
 * @throws `resource_not_found`; `actor_token_cannot_be_revoked_code` (with `meta.session_id` when it was redeemed)
 */
export async function revokeActorToken(id: ActorTokenId, call: RevokingCall): Promise<ActorToken> {
  note({ actor_token_id: id });
  const token = await writeRevocation(id, randomUUID(), call);
  count('Revoked');
  note({ user_id: token.userId });
  return token;
}
