/**
 * Decides by the policy who may become whom. Pure. A rule that denies takes precedence over all that allow, in any order. With a policy,
 * what no rule allows is refused.
 */
import type { Policy, Requirements, Rule, Wanted } from '../base/policy.ts';

/** The values of each attribute. */
export type Attributes = ReadonlyMap<string, readonly string[]>;

/**
 * The actor, the user to become, and the facts that a rule can require. All but the first four are facts of the request for the actor token
 * and of its redemption. They are in the record, so they are the same whenever the question is asked.
 */
export interface Question {
  readonly actor: Attributes;
  readonly target: Attributes;
  readonly isVerified: boolean;
  readonly hasConsent: boolean;
  readonly reasonLength: number;
  /** The seconds from the operator's sign-in at the identity provider to the request; undefined where no token says when that was. */
  readonly authAge: number | undefined;
  /** True when the ticket is redeemed at the address of the request; undefined before it is presented, when the rule may still be met. */
  readonly isSameAddress: boolean | undefined;
}

export type Decision =
  | { readonly isAllowed: true; readonly rule: Rule }
  /** `rule` is the id of the rule that refused, or `default`. `lacks` is the requirement that it was allowed without. */
  | { readonly isAllowed: false; readonly rule: string; readonly lacks?: keyof Requirements };

/** The rule of a refusal by no rule. */
export const DEFAULT_RULE = 'default';

/** True when each attribute has one of the wanted values. */
function holds(wanted: Wanted | undefined, attributes: Attributes): boolean {
  return Object.entries(wanted ?? {}).every(([name, values]) =>
    attributes.get(name)?.some((value) => values.includes(value) || values.includes('*')),
  );
}

/** The values of `actor.<name>` or `target.<name>`. */
function valuesOf(path: string, { actor, target }: Question): readonly string[] {
  const end = path.indexOf('.');
  const attributes = path.slice(0, end) === 'actor' ? actor : target;
  return attributes.get(path.slice(end + 1)) ?? [];
}

/** True when a rule is about this actor and this user. */
function matches({ actor, target, same = [] }: Rule, question: Question): boolean {
  const isShared = ([one, other]: readonly [string, string]) => {
    const others = valuesOf(other, question);
    return valuesOf(one, question).some((value) => others.includes(value));
  };
  return holds(actor, question.actor) && holds(target, question.target) && same.every(isShared);
}

/** The first requirement of a rule that is not met. */
function lackOf({ require = {} }: Rule, question: Question): keyof Requirements | undefined {
  const { verified, reason, consent, max_auth_age: maxAuthAge, same_address: sameAddress } = require;
  const { isVerified, hasConsent, reasonLength, authAge, isSameAddress } = question;
  if (verified && !isVerified) return 'verified';
  if (consent && !hasConsent) return 'consent';
  if (sameAddress && isSameAddress === false) return 'same_address';
  if (maxAuthAge !== undefined && !(authAge !== undefined && authAge <= maxAuthAge)) return 'max_auth_age';
  return reason !== undefined && reasonLength < reason ? 'reason' : undefined;
}

/** The decision of a policy on a question. */
export function decide({ rules }: Policy, question: Question): Decision {
  const matching = rules.filter((rule) => matches(rule, question));
  const denying = matching.find(({ effect }) => effect === 'deny');
  if (denying) return { isAllowed: false, rule: denying.id };
  let nearest: Decision | undefined;
  for (const rule of matching) {
    const lacks = lackOf(rule, question);
    if (lacks === undefined) return { isAllowed: true, rule };
    nearest ??= { isAllowed: false, rule: rule.id, lacks };
  }
  return nearest ?? { isAllowed: false, rule: DEFAULT_RULE };
}
