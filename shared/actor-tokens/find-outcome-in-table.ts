import type { ApiError } from '../base/errors.ts';
import type { ActorTokenId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import type { ActorToken } from './actor-token.ts';
import { getActorToken } from './actor-token-record.ts';

/** A write that failed, although it may have been committed. */
interface FailedAttempt {
  readonly id: ActorTokenId;
  /** Nonce that the write stores. */
  readonly attempt: string;
  readonly failure: unknown;
}

/**
 * Returns the actor token that this attempt wrote. A write that failed may have been committed: its answer can be lost, and its
 * repetition can meet a conflict or a throttle. A consistent read decides.
 *
 * @param whyNot the error for a token that another request changed; undefined when the write could still be repeated
 * @throws that error, else `failure`
 */
export async function findOutcomeInTable(
  instance: Instance,
  { id, attempt, failure }: FailedAttempt,
  whyNot: (current: ActorToken) => ApiError | undefined,
): Promise<ActorToken> {
  const current = await getActorToken(instance, id).catch(() => undefined);
  if (current?.attempt === attempt) return current;
  throw (current && whyNot(current)) ?? failure;
}
