// Rules that several suites judge by, and the policy that they make.
import type { Policy, Rule } from '../../shared/base/policy.ts';

export const neverStaff: Rule = { id: 'never-staff', effect: 'deny', target: { role: ['admin'] } };
export const all: Rule = { id: 'all', effect: 'allow' };

/** Makes a policy of these rules. */
export const policyOf = (...rules: readonly Rule[]): Policy => ({ version: '0123456789ab', rules });
