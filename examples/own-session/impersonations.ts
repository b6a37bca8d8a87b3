import type { ActorTokensApi, Claims } from './actor-tokens.ts';

/** A person acts as a user of this app. */
export interface Impersonation extends Claims {
  /** Epoch milliseconds. It is the end of the session of actor tokens, so this one is never longer. */
  readonly expiresAt: number;
}

interface Stored extends Impersonation {
  /** Epoch milliseconds. */
  checkedAt: number;
  hasEnded: boolean;
}

/** What came of the start of an impersonation. */
export type Start = 'started' | 'started_before' | 'has_ended';

/** A session that ended elsewhere is noticed after this time at the latest. */
const CHECK_EVERY_MS = 30_000;

/**
 * The impersonations of this app, which the example keeps in memory. Yours keeps them in a table, whose key is the id of the session of
 * actor tokens, and which is also your record of who acted as whom.
 */
export class Impersonations {
  readonly #api: ActorTokensApi;
  readonly #now: () => number;
  readonly #stored = new Map<string, Stored>();

  /** @param now returns epoch milliseconds */
  constructor(api: ActorTokensApi, now: () => number) {
    this.#api = api;
    this.#now = now;
  }

  /** Returns what a session token says. @throws when it is not valid */
  verify(sessionToken: string): Promise<Claims> {
    return this.#api.verify(sessionToken);
  }

  /**
   * Starts an impersonation. A session of actor tokens starts one impersonation only, so a token that somebody else has read starts no
   * second one.
   *
   * @throws when there is no answer
   */
  async start(claims: Claims): Promise<Start> {
    const expiresAt = await this.#api.endOf(claims.sessionId);
    const checkedAt = this.#now();
    if (expiresAt === undefined) return 'has_ended';
    for (const { sessionId, expiresAt: end } of this.#stored.values())
      if (end <= checkedAt) this.#stored.delete(sessionId);
    if (this.#stored.has(claims.sessionId)) return 'started_before';
    this.#stored.set(claims.sessionId, { ...claims, expiresAt, checkedAt, hasEnded: false });
    return 'started';
  }

  /**
   * Returns an impersonation that goes on; undefined when it has ended. It asks the API when the last answer is older than 30 seconds.
   *
   * @throws when there is no answer: then nobody knows whether it goes on, so the request must be refused
   */
  async find(sessionId: string): Promise<Impersonation | undefined> {
    const stored = this.#stored.get(sessionId);
    if (!stored || stored.hasEnded || stored.expiresAt <= this.#now()) return undefined;
    if (this.#now() - stored.checkedAt < CHECK_EVERY_MS) return stored;
    const askedAt = this.#now();
    if ((await this.#api.endOf(sessionId)) === undefined) stored.hasEnded = true;
    else stored.checkedAt = askedAt;
    return stored.hasEnded ? undefined : stored;
  }

  /** Asks the API again at the next request. */
  doubt(sessionId: string): void {
    const stored = this.#stored.get(sessionId);
    if (stored) stored.checkedAt = Number.NEGATIVE_INFINITY;
  }

  /** Ends an impersonation here at once, and then the session of actor tokens, which ends within ten minutes if there is no answer. */
  async end(sessionId: string): Promise<void> {
    const stored = this.#stored.get(sessionId);
    if (stored) stored.hasEnded = true;
    await this.#api.revoke(sessionId).catch((error: unknown) => console.warn(String(error)));
  }
}
