/**
 * Decides whether an actor may become, or go on being, a user: the blocklist first, then the policy. Every operation asks here: creating an
 * actor token, the page of a link, redeeming, and each session token.
 */
import type { Instance } from '../base/instance.ts';
import type { Verified } from '../base/operators.ts';
import type { Requirements, Rule } from '../base/policy.ts';
import { type EpochMs, toNumericDate } from '../base/time.ts';
import { blockIdsOf } from '../blocklist/block.ts';
import { blockKeysOf, whyBlocked } from '../blocklist/block-record.ts';
import type { ItemKey, ReadItems } from '../storage/read.ts';
import type { User } from '../users/user.ts';
import { decide, type Question } from './decide.ts';
import { actorAttributes, hasConsent, targetAttributes } from './question.ts';

/** The actor, as the record names them. */
interface JudgedActor {
  readonly actor: { readonly sub: string };
  readonly verified: Verified | undefined;
}

/** A refusal. That of the policy has the id of the rule that refused, or `default`, and the requirement that was not met. */
export type Refusal = { readonly isAllowed: false } & (
  | { readonly cause: 'actor_blocked' | 'instance_blocked' }
  | { readonly cause: 'policy'; readonly rule: string; readonly lacks?: keyof Requirements }
);

/** The rule that allows, which is undefined without a policy, or a refusal. */
export type Judgement = { readonly isAllowed: true; readonly rule: Rule | undefined } | Refusal;

interface Case extends JudgedActor, Pick<Question, 'isSameAddress'> {
  readonly reason: string | undefined;
  readonly user: User;
  /** The time of the creation of the actor token. */
  readonly createdAt: EpochMs;
  readonly now: EpochMs;
}

/** The seconds from the operator's sign-in to the creation; undefined for a secret key, and where the identity provider does not say. */
function authAgeOf({ verified, createdAt }: Case): number | undefined {
  return verified?.auth_time === undefined ? undefined : toNumericDate(createdAt) - verified.auth_time;
}

/** The keys of the blocks that concern an actor. */
export function blockKeysOfActor({ actor, verified }: JudgedActor, instance: Instance): readonly ItemKey[] {
  return blockKeysOf(blockIdsOf(actor, verified), instance);
}

/** The judgement by the policy alone. */
function judgeByPolicy(judged: Case, { authority: { policy } }: Instance): Judgement {
  if (!policy) return { isAllowed: true, rule: undefined };
  const { actor, verified, reason = '', user, now, isSameAddress } = judged;
  const question = {
    actor: actorAttributes(actor, verified),
    target: targetAttributes(user),
    isVerified: verified !== undefined,
    hasConsent: hasConsent(user, now),
    reasonLength: reason.length,
    authAge: authAgeOf(judged),
    isSameAddress,
  };
  const decision = decide(policy, question);
  return decision.isAllowed ? decision : { ...decision, cause: 'policy' };
}

/**
 * The judgement on a case.
 *
 * @param itemOf has read `blockKeysOfActor`
 * @throws `service_unavailable` when a block cannot be read
 */
export function judge(itemOf: ReadItems, judged: Case, instance: Instance): Judgement {
  const ids = blockIdsOf(judged.actor, judged.verified);
  const cause = whyBlocked(itemOf, { ids, createdAt: judged.createdAt }, instance);
  return cause ? { isAllowed: false, cause } : judgeByPolicy(judged, instance);
}
