// The attributes of actors and users at which a policy looks.
import { attributeValues } from '../base/attribute-values.ts';
import type { Verified } from '../base/operators.ts';
import type { EpochMs } from '../base/time.ts';
import type { User } from '../users/user.ts';
import type { Attributes } from './decide.ts';

/**
 * The attributes of an actor. Those of an operator come from the identity provider's token alone. Those of an actor whom a secret key
 * names are the members of `actor`, and are to be trusted as much as the key.
 */
export function actorAttributes(actor: object, verified: Verified | undefined): Attributes {
  if (!verified) return new Map(Object.entries(actor).map(([name, value]) => [name, attributeValues(value)]));
  const { claims = {}, iss, sub, email } = verified;
  const own: readonly (readonly [string, readonly string[]])[] = [
    ['iss', [iss]],
    ['sub', [sub]],
    ...(email === undefined ? [] : [['email', [email]] as const]),
  ];
  return new Map([...Object.entries(claims), ...own]);
}

/** The attributes of a user: the ids, the domains of the e-mail addresses, and the members of `private_metadata`. */
export function targetAttributes({
  id,
  externalId,
  emailAddresses,
  privateMetadata,
}: Pick<User, 'id' | 'externalId' | 'emailAddresses' | 'privateMetadata'>): Attributes {
  const metadata = Object.entries(privateMetadata).map(([name, value]) => [name, attributeValues(value)] as const);
  const domains = emailAddresses.map(({ value }) => value.slice(value.lastIndexOf('@') + 1).toLowerCase());
  // The ids come last, so that metadata of the same name cannot replace them.
  return new Map([
    ...metadata,
    ['id', [id]],
    ['external_id', externalId === null ? [] : [externalId]],
    ['email_domain', domains],
  ]);
}

/** True when the user has let support in until a time that lies ahead (`private_metadata.impersonation_consent_until`, in ms). */
export function hasConsent({ privateMetadata }: Pick<User, 'privateMetadata'>, now: EpochMs): boolean {
  const { impersonation_consent_until: until } = privateMetadata as Readonly<Record<string, unknown>>;
  return typeof until === 'number' && until > now;
}
