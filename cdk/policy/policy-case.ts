// The cases of a policy are judged as requests are.
import { type Decision, decide, type Question } from '../../shared/authority/decide.ts';
import { actorAttributes, hasConsent, targetAttributes } from '../../shared/authority/question.ts';
import { attributeValues } from '../../shared/base/attribute-values.ts';
import type { Verified } from '../../shared/base/operators.ts';
import type { Policy } from '../../shared/base/policy.ts';
import { epochMs } from '../../shared/base/time.ts';
import type { User } from '../../shared/users/user.ts';
import { explain } from './explain.ts';
import type { PolicyCase } from './policy-schema.ts';

export type CaseInput = Omit<PolicyCase, 'name' | 'expect'>;

/** What a policy decides in a case. */
export interface Outcome {
  readonly name: string;
  /** `allowed by support`, `refused by never-staff: target.role is admin`. */
  readonly decided: string;
  readonly isExpected: boolean;
}

function verifiedFrom({ actor }: CaseInput): Verified {
  const { iss, sub, email, ...claims } = actor;
  const entries = Object.entries(claims).map(([name, value]) => [name, attributeValues(value)] as const);
  return {
    iss: typeof iss === 'string' ? iss : '',
    sub,
    ...(typeof email === 'string' && { email }),
    iat: 0,
    claims: Object.fromEntries(entries),
  };
}

function targetFrom({ target }: CaseInput): Parameters<typeof targetAttributes>[0] {
  const {
    id = '',
    external_id: externalId = null,
    email_addresses: emails = [],
    private_metadata: metadata = {},
  } = target;
  return {
    id: id as User['id'],
    externalId,
    emailAddresses: emails.map((value) => ({ id: 'idn_0', value })),
    privateMetadata: metadata,
  };
}

/** Returns the question that a case asks. */
export function questionOf(input: CaseInput): Question {
  const target = targetFrom(input);
  return {
    actor: actorAttributes(input.actor, input.verified ? verifiedFrom(input) : undefined),
    target: targetAttributes(target),
    isVerified: input.verified,
    hasConsent: hasConsent(target, epochMs(Date.now())),
    reasonLength: input.reason?.length ?? 0,
    authAge: input.auth_age,
    isSameAddress: input.other_address !== true,
  };
}

function isExpected(decision: Decision, expected: PolicyCase['expect']): boolean {
  return 'allow' in expected
    ? decision.isAllowed && decision.rule.id === expected.allow
    : !decision.isAllowed && decision.rule === expected.refuse;
}

/** Returns what a policy decides in a case. */
export function outcomeOf(policy: Policy, policyCase: PolicyCase): Outcome {
  const question = questionOf(policyCase);
  const decision = decide(policy, question);
  return {
    name: policyCase.name,
    decided: explain(policy, question, decision),
    isExpected: isExpected(decision, policyCase.expect),
  };
}
