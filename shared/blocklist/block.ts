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
  /** Why, for the record. */
  readonly reason: string | undefined;
  /** Time of the latest block of this identifier. */
  readonly blockedAt: EpochMs;
  /** Time at which it was lifted for the last time. */
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

/** The ids of the blocks of an actor: of the `sub` of the actor, and of the claims `sub` and `email` of the operator. */
export function blockIdsOf(actor: { readonly sub: string }, verified: Verified | undefined): readonly BlockId[] {
  const identifiers = [actor.sub, verified?.sub, verified?.email].filter((each) => each !== undefined);
  return [...new Set(identifiers.map(blockIdOf))];
}

/** True until the block is lifted, and again when the identifier is blocked again. */
export function isStanding({ blockedAt, liftedAt }: Block): boolean {
  return liftedAt === undefined || liftedAt < blockedAt;
}

/** True when the block stands, or was lifted after this time. */
export function isBlockedSince(block: Block, createdAt: EpochMs): boolean {
  return isStanding(block) || (block.liftedAt !== undefined && createdAt < block.liftedAt);
}
