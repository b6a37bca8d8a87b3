/**
 * The policy of an instance: who may become whom. It is one JSON file, which the stack checks before it deploys it, so that the functions
 * get a correct one.
 */

/** Attributes and the values of which one is wanted; `*` stands for any value. */
export type Wanted = Readonly<Record<string, readonly string[]>>;

/** What must be true, besides the attributes, for a rule to allow. */
export interface Requirements {
  /** The actor is an operator, whom an identity provider names. */
  readonly verified?: true;
  /** The least number of characters of the reason. */
  readonly reason?: number;
  /** The user has let support in, and the time until which they did lies ahead. */
  readonly consent?: true;
  /** The greatest number of seconds from the operator's sign-in at the identity provider to the creation of the actor token. */
  readonly max_auth_age?: number;
  /** The ticket is redeemed at the address at which the actor token was created. */
  readonly same_address?: true;
}

export interface Rule {
  readonly id: string;
  readonly effect: 'allow' | 'deny';
  readonly actor?: Wanted;
  readonly target?: Wanted;
  /** Pairs of attributes that share a value, each as `actor.<name>` or `target.<name>`. */
  readonly same?: readonly (readonly [string, string])[];
  readonly require?: Requirements;
  /** The longest life of a ticket and the longest duration of a session, in seconds. */
  readonly limits?: { readonly ticket?: number; readonly session?: number };
  readonly mode?: 'read_only';
}

export interface Policy {
  /** The first 12 hexadecimal digits of the SHA-256 of the file. The record has it beside the rule. */
  readonly version: string;
  readonly rules: readonly Rule[];
}
