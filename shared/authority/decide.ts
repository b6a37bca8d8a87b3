/**
 * Decides by the policy who may become whom. Pure. A rule that denies takes precedence over all that allow, in any order. With a policy,
 * what no rule allows is refused.
 */
import type { Policy, Requirements, Rule, Wanted } from '../base/policy.ts';

/** The values of each attribute. */
export type Attributes = ReadonlyMap<string, readonly string[]>;

/** Who wants to become whom, and the facts that a rule can require. */
export interface Question {
  readonly actor: Attributes;
  readonly target: Attributes;
  readonly isVerified: boolean;
  readonly hasConsent: boolean;
  /** Only when an actor token is created: the length of the reason, and the seconds since the operator gave their credentials. */
  readonly creation?: { readonly reasonLength: number; readonly authAge: number | undefined };
  /** Only when a ticket is presented: true when its address is the one at which its actor token was created. */
  readonly isSameAddress?: boolean;
}

export type Decision =
  | { readonly isAllowed: true; readonly rule: Rule }
  /** `rule` is the id of the rule that refused, or `default`. `lacks` is the requirement that it was allowed without. */
  | { readonly isAllowed: false; readonly rule: string; readonly lacks?: keyof Requirements };

/** The rule of a refusal by no rule. */
export const DEFAULT_RULE = 'default';

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
  const { isVerified, hasConsent, creation, isSameAddress } = question;
  if (verified && !isVerified) return 'verified';
  if (consent && !hasConsent) return 'consent';
  if (sameAddress && isSameAddress === false) return 'same_address';
  if (!creation) return undefined;
  if (maxAuthAge !== undefined && !(creation.authAge !== undefined && creation.authAge <= maxAuthAge))
    return 'max_auth_age';
  return reason !== undefined && creation.reasonLength < reason ? 'reason' : undefined;
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
