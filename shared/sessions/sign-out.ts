import type { BrowserCall } from '../base/call.ts';
import { ApiError, type ErrorCode } from '../base/errors.ts';
import type { ClaimedClients, Client, PresentedClient } from '../clients/client.ts';
import { getCurrentClient } from '../clients/client-record.ts';
import type { User } from '../users/user.ts';
import { type EndSession, endSession } from './end-session.ts';
import { type Session, statusAt } from './session.ts';
import { verdictOn } from './verdict.ts';

const UNPROVED: readonly ErrorCode[] = ['signed_out', 'authentication_invalid', 'resource_not_found'];

/** True for the refusal of a client that proves nothing: it is unknown, its secret was replaced, or the session is not its own. */
export function isUnproved(error: unknown): boolean {
  return error instanceof ApiError && UNPROVED.includes(error.code);
}

/** Each costs a read and a write. */
const MOST_CLIENTS = 8;

/**
 * Ends what each client proves that a request claims, also one whose cookie another host may have planted: to end a session is always
 * safe. Of very many clients, the first eight count.
 *
 * @returns the first result of a client that proves something
 * @throws `signed_out` without a client; the first refusal when none proves anything; any failure that is not a refusal
 */
export async function endOfEach<Ended>(
  { clients, doubtful }: ClaimedClients,
  end: (client: PresentedClient) => Promise<Ended>,
): Promise<Ended> {
  const claimed = [...clients, ...doubtful].slice(0, MOST_CLIENTS);
  const ended: Ended[] = [];
  const refusals: unknown[] = [];
  for (const outcome of await Promise.allSettled(claimed.map(end))) {
    if (outcome.status === 'fulfilled') ended.push(outcome.value);
    else if (isUnproved(outcome.reason)) refusals.push(outcome.reason);
    else throw outcome.reason;
  }
  const [first] = ended;
  if (first === undefined) throw refusals[0] ?? new ApiError('signed_out');
  return first;
}

/**
 * Ends the session of this browser, if any, and returns its client.
 *
 * @throws `signed_out` for an unknown client, `authentication_invalid` for a secret that was replaced
 */
export async function signOut(presented: PresentedClient, call: BrowserCall): Promise<Client> {
  const client = await getCurrentClient(presented, call);
  if (!client) throw new ApiError('signed_out');
  const end = { id: client.sessionId, status: 'removed', cause: 'sign_out' } as const;
  await endSession(end, presented, call).catch((error: unknown) => {
    // DynamoDB deletes a session only long after its end.
    if (!(error instanceof ApiError && error.code === 'resource_not_found')) throw error;
  });
  return client;
}

/** A session that was ended, as an answer shows it to its browser. */
export interface SignedOut {
  readonly session: Session;
  /** Undefined when the session had ended before or may not continue, and when the user could not be read. */
  readonly user: User | undefined;
  /** Undefined for an unknown client. */
  readonly client: Client | undefined;
}

/**
 * Ends one session of this browser. A secret that was replaced ends no session: an old tab must not sign out of the session that another
 * tab has started.
 *
 * @throws `authentication_invalid` for a secret that was replaced; as `endSession`
 */
export async function signOutOf(end: EndSession, presented: PresentedClient, call: BrowserCall): Promise<SignedOut> {
  const client = await getCurrentClient(presented, call);
  const session = await endSession(end, presented, call);
  const isEndedNow = session.endedAt === call.now && statusAt(session, call) !== 'expired';
  // The session has ended, so a failure to read its user must not look like a failure to end it.
  const verdict = isEndedNow ? await verdictOn(session, call).catch(() => undefined) : undefined;
  return { session, user: verdict?.user, client };
}
