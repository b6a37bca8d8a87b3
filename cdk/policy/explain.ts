// Says why a policy decides as it does, for the person who writes it.
import { type Attributes, DEFAULT_RULE, type Decision, type Question } from '../../shared/authority/decide.ts';
import type { Policy, Requirements, Rule, Wanted } from '../../shared/base/policy.ts';

function list(values: readonly string[] = []): string {
  return values.length === 0 ? 'missing' : values.join(', ');
}

function matchOf(side: 'actor' | 'target', wanted: Wanted = {}, attributes: Attributes): readonly string[] {
  return Object.keys(wanted).map((name) => `${side}.${name} is ${list(attributes.get(name))}`);
}

/** What made a rule match, as in "target.role is admin". */
function reasonOf({ actor, target, same = [] }: Rule, question: Question): string {
  const parts = [
    ...matchOf('actor', actor, question.actor),
    ...matchOf('target', target, question.target),
    ...same.map(([one, other]) => `${one} and ${other} share a value`),
  ];
  return parts.join('; ') || 'it is for everybody';
}

/** For the person who writes the policy: each names the fact of the question that is missing. */
const LACKS: Readonly<Record<keyof Requirements, string>> = {
  verified: 'the actor is not an operator',
  consent: 'the user has not let support in (private_metadata.impersonation_consent_until)',
  same_address: 'the address is another one than that of the request',
  max_auth_age: 'the operator signed in too long ago, or the token has no auth_time',
  reason: 'the reason is missing or too short',
};

function effectOf({ mode, limits = {} }: Rule): string {
  const { ticket, session } = limits;
  const parts = [
    ...(mode ? [mode] : []),
    ...(ticket === undefined ? [] : [`ticket ${ticket} s`]),
    ...(session === undefined ? [] : [`session ${session} s`]),
  ];
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

/** Returns this decision of a policy in a sentence without its end: `refused by never-staff: target.role is admin`. */
export function explain(policy: Policy, question: Question, decision: Decision): string {
  if (decision.isAllowed)
    return `allowed by ${decision.rule.id}${effectOf(decision.rule)}: ${reasonOf(decision.rule, question)}`;
  if (decision.lacks) return `refused by ${decision.rule}: ${LACKS[decision.lacks]}`;
  const rule = policy.rules.find(({ id }) => id === decision.rule);
  return rule ? `refused by ${rule.id}: ${reasonOf(rule, question)}` : `refused by ${DEFAULT_RULE}: no rule allows it`;
}
