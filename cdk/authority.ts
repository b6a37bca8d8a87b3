import { Annotations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Authority, Operators } from '../shared/base/operators.ts';
import type { Policy } from '../shared/base/policy.ts';
import type { Config } from './config/schema.ts';
import { readCheckedPolicy } from './policy/policy-file.ts';

function operatorsOf({ required, issuers }: NonNullable<Config['operators']>): Operators {
  const withKeys = issuers.map(({ jwksUri, ...issuer }) => ({
    ...issuer,
    jwksUri: jwksUri ?? `${issuer.issuer.replace(/\/$/, '')}/.well-known/jwks.json`,
  }));
  return { required, issuers: withKeys };
}

/** Two identity providers can name two people with the same `sub`, and a rule that does not look at `iss` takes them for one. */
function isAmbiguous({ issuers }: Operators, { rules }: Policy): boolean {
  return issuers.length > 1 && !rules.some(({ actor }) => actor && Object.hasOwn(actor, 'iss'));
}

/**
 * Returns the operators and the policy, as the functions read them; undefined where neither is configured.
 *
 * @throws ConfigError for a policy that is wrong, or that does not decide one of its cases as expected
 */
export function createAuthority(scope: Construct, config: Config): Authority | undefined {
  const operators = config.operators && operatorsOf(config.operators);
  const policy = config.policy === undefined ? undefined : readCheckedPolicy(config.policy);
  if (operators && policy && isAmbiguous(operators, policy))
    Annotations.of(scope).addWarningV2(
      'actor-tokens:two-issuers',
      'There are several operators.issuers, and no rule of the policy looks at actor.iss: people with the same sub at two of them ' +
        'have the same rights. Add actor.iss to the rules that name people.',
    );
  return operators || policy ? { operators, policy } : undefined;
}
