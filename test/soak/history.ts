// The history of a soak: each request of the clients with its outcome, as the clients saw it.

/**
 * `acknowledged`: the answer says that it was done. `refused`: the answer says that it was not. `unknown`: there was no answer, or one
 * that does not tell, so both are possible.
 */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

export type Operation =
  | 'create'
  | 'revoke'
  | 'redeem'
  | 'mint'
  | 'read'
  | 'end'
  | 'createUser'
  | 'renameUser'
  | 'deleteUser'
  | 'ban'
  | 'unban'
  | 'block'
  | 'lift';

/** The claims of a session token whose signature was verified with the published keys. */
export interface Claims {
  readonly user: string;
  readonly actor: string;
  readonly session: string;
  readonly lifeInSeconds: number;
}

/** One request. The ids are those that the request named, or that its answer named. */
export interface Entry {
  readonly operation: Operation;
  /** Milliseconds of one clock. */
  readonly begun: number;
  readonly answered: number;
  readonly outcome: Outcome;
  /** The error code of a refusal. */
  readonly code?: string | undefined;
  readonly token?: string | undefined;
  readonly session?: string | undefined;
  readonly user?: string | undefined;
  readonly actor?: string | undefined;
  readonly browser?: string | undefined;
  /** The client that the answer to a redemption names. */
  readonly client?: string | undefined;
  /** The session that the browser had when it sent a redemption. */
  readonly earlierSession?: string | undefined;
  /** The session token of an answer; `forged` when its signature does not verify. */
  readonly minted?: Claims | 'forged' | undefined;
  /** The answer to `read` says that the session is active. */
  readonly isActive?: boolean | undefined;
  /** The name that a user gets. */
  readonly name?: string | undefined;
}

/** The members of an entry that the request itself knows. */
export type Asked = Omit<Entry, 'begun' | 'answered' | 'outcome' | 'code'>;

/**
 * Returns the outcome of a status. A status of 5xx, and 429, may follow a write that was done, so they never count as a refusal. Without
 * a status there was no answer.
 */
export function outcomeOf(status: number | undefined): Outcome {
  if (status === undefined || status === 429 || status >= 500) return 'unknown';
  return status < 300 ? 'acknowledged' : 'refused';
}
