import type { Authority, Operators } from '../shared/base/operators.ts';
import type { Policy } from '../shared/base/policy.ts';
import type { Config } from './config/schema.ts';

function operatorsOf({ required, issuers }: NonNullable<Config['operators']>): Operators {
  const withKeys = issuers.map(({ jwksUri, ...issuer }) => ({
    ...issuer,
    jwksUri: jwksUri ?? `${issuer.issuer.replace(/\/$/, '')}/.well-known/jwks.json`,
  }));
  return { required, issuers: withKeys };
}

/** Returns the operators and the policy as JSON, as the functions read them; undefined where neither is configured. */
export function authorityOf({ operators }: Config, policy: Policy | undefined): string | undefined {
  const authority: Authority = { operators: operators && operatorsOf(operators), policy };
  return operators || policy ? JSON.stringify(authority) : undefined;
}
