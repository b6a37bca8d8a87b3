/**
 * Operators: the people and services of the company who may create actor tokens in their own name. Each proves themselves with a token of
 * the company's identity provider.
 */

import type { Policy } from './policy.ts';

/** An identity provider whose tokens are accepted. */
export interface Issuer {
  /** The claim `iss`, exactly. */
  readonly issuer: string;
  /** One value of the claim `aud`, exactly. */
  readonly audience: string;
  /** The URL of its keys (RFC 7517). */
  readonly jwksUri: string;
  /** The claim that names the operator, and becomes `actor.sub`. */
  readonly subject: string;
  /** The claims that the policy may look at and the record keeps, besides those of every operator. */
  readonly claims: readonly string[];
}

export interface Operators {
  /** True when a secret key cannot create actor tokens. */
  readonly required: boolean;
  readonly issuers: readonly Issuer[];
}

/** What an operator's token said when an actor token was created. The names are those of the claims. */
export interface Verified {
  readonly iss: string;
  readonly sub: string;
  readonly email?: string;
  readonly auth_time?: number;
  readonly amr?: readonly string[];
  readonly acr?: string;
  readonly iat: number;
  readonly jti?: string;
  /** The configured claims, each as a list of texts. */
  readonly claims?: Readonly<Record<string, readonly string[]>>;
}

/** An operator who sends a request. */
export interface Operator {
  /** The value of the claim that becomes `actor.sub`. */
  readonly subject: string;
  readonly verified: Verified;
}

/** The text that names an operator among those of all issuers. No issuer has a space in it. */
export function operatorKeyOf({ iss, sub }: Verified): string {
  return `${iss} ${sub}`;
}

/** What decides who may become whom in an instance, besides its blocklist. */
export interface Authority {
  /** Undefined when only secret keys create actor tokens. */
  readonly operators?: Operators | undefined;
  /** Undefined when every actor may become every user. */
  readonly policy?: Policy | undefined;
}
