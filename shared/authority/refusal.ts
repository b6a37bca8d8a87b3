import { ApiError } from '../base/errors.ts';
import type { Requirements } from '../base/policy.ts';
import type { Refusal } from './judge.ts';

/** For the person who is refused: each says what is missing, and completes a sentence after "because". */
const LACKS: Readonly<Record<keyof Requirements, string>> = {
  verified: 'it needs an operator, with a token of your identity provider in place of the secret key',
  consent: 'the user has not let support in, or no longer does',
  same_address: 'the link has to be opened at the address at which it was requested',
  max_auth_age: 'your last sign-in at the identity provider was too long ago, or your token does not say when it was',
  reason: 'it needs a reason',
};

/** The sentence of a refusal, for the person whom it refuses. */
function sentenceOf(refusal: Refusal): string {
  if (refusal.cause !== 'policy')
    return refusal.cause === 'instance_blocked'
      ? 'Nobody can impersonate at the moment, because everybody is blocked (*). Ask the people who run this service.'
      : 'This actor is blocked and cannot impersonate anybody. Ask the people who run this service.';
  const { rule, lacks } = refusal;
  const because = lacks ? `, because ${LACKS[lacks]}` : '';
  return `The policy does not allow this actor to become this user${because} (rule ${rule}).`;
}

/** The error for a secret key that asks for more than it may where `operators.required` is true. */
export function operatorRequired(sentence: string): ApiError {
  return new ApiError({ code: 'not_allowed_access', meta: { kind: 'operator_required' }, sentence });
}

/**
 * The error for an impersonation that is not allowed. Its `meta` says what refused it: `blocked` with `actor` or `instance`, or `policy`
 * with the id of the rule.
 */
export function refusalError(refusal: Refusal): ApiError {
  const meta =
    refusal.cause === 'policy'
      ? { kind: 'policy', title: refusal.rule, ...(refusal.lacks && { description: refusal.lacks }) }
      : { kind: 'blocked', title: refusal.cause === 'actor_blocked' ? 'actor' : 'instance' };
  return new ApiError({ code: 'not_allowed_access', meta, sentence: sentenceOf(refusal) });
}
