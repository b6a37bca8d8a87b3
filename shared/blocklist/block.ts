/**
 * A block: an identifier of actors, or everybody, who may not impersonate. A lifted block stays stored: what was created before it was
 * lifted stays dead, as after a ban.
 */
import { type BlockId, derivedId, type SecretKeyId } from '../base/ids.ts';
import type { Verified } from '../base/operators.ts';
import type { EpochMs } from '../base/time.ts';

export interface Block {
  readonly id: BlockId;
  readonly identifier: string;
  readonly reason: string | undefined;
  readonly blockedAt: EpochMs;
  /** Undefined while the block stands. */
  readonly liftedAt: EpochMs | undefined;
  /** A block of the command can only be lifted by the command. */
  readonly blockedBy: SecretKeyId | 'command';
}

/** The identifier that blocks everybody. */
export const EVERYBODY = '*';

/** The id of the block of an identifier. E-mail addresses are compared without regard to case. */
export function blockIdOf(identifier: string): BlockId {
  return derivedId('blid', identifier.includes('@') ? identifier.toLowerCase() : identifier);
}

/** The ids of the blocks of an actor: of `sub`, and of the subject and the e-mail address that an identity provider names. */
export function blockIdsOf(actor: { readonly sub: string }, verified: Verified | undefined): readonly BlockId[] {
  const identifiers = [actor.sub, verified?.sub, verified?.email].filter((each) => each !== undefined);
  return [...new Set(identifiers.map(blockIdOf))];
}

/** True when the block stands, or was lifted after this time. */
export function isBlockedSince({ liftedAt }: Block, createdAt: EpochMs): boolean {
  return liftedAt === undefined || createdAt < liftedAt;
}
