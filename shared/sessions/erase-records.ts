import type { Actor, ActorToken } from '../actor-tokens/actor-token.ts';
import { actorTokenErasure, actorTokenFrom } from '../actor-tokens/actor-token-record.ts';
import { impersonationOf } from '../actor-tokens/impersonation-record.ts';
import type { Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { siblingId, type UserId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import type { Item } from '../storage/item.ts';
import { type Filter, scanTable } from '../storage/read.ts';
import { writeChange } from '../storage/update.ts';
import { type Session, statusAt } from './session.ts';
import { getSession, sessionErasure, sessionFrom } from './session-record.ts';

/** The person whose records are erased: a user whom somebody acted as, or an actor. */
export type ErasedPerson = { readonly userId: UserId } | { readonly actorSub: Actor['sub'] };

/** The number of records, by what happened to them. */
export interface Erasure {
  actorTokens: number;
  sessions: number;
  /** Actor tokens that can still be redeemed, and sessions that are active with their actor tokens. They are not erased. */
  live: number;
  /** The ids of records that cannot be read. They are not erased. */
  readonly unreadable: unknown[];
}

/**
 * The filter for a person's records that have not been erased. The actor is stored as JSON text, so DynamoDB finds every record that
 * contains the `sub` anywhere in it.
 */
function filterOf(person: ErasedPerson): Filter {
  const isNotErased = 'attribute_not_exists(erased_at)';
  if ('userId' in person) return { expression: `${isNotErased} AND user_id = :user`, values: { user: person.userId } };
  return { expression: `${isNotErased} AND contains(actor, :sub)`, values: { sub: JSON.stringify(person.actorSub) } };
}

/** The items of a table about a person that have not been erased. One whose actor cannot be read may be about any actor in its text. */
async function* itemsAbout(person: ErasedPerson, table: string, instance: Instance): AsyncGenerator<Item> {
  for await (const item of scanTable(instance, table, filterOf(person)))
    if ('userId' in person || (impersonationOf(item)?.actor.sub ?? person.actorSub) === person.actorSub) yield item;
}

/** True when the session can get no session token any more, now or later. */
function isOver(session: Session | undefined, call: Call): boolean {
  return session === undefined || statusAt(session, call) !== 'active';
}

/** True when nothing can follow from the token any more: neither a redemption nor a session token for the session it started. */
async function isSpent(token: ActorToken, call: Call): Promise<boolean> {
  if (token.status === 'pending') return token.expireAt <= call.now;
  return isOver(await getSession(call.instance, siblingId('sess', token.id)), call);
}

/** Counts a record. One that cannot be read must not keep the others from being erased. */
async function tally(item: Item, kind: 'actorTokens' | 'sessions', erasure: Erasure, erase: () => Promise<boolean>) {
  try {
    erasure[(await erase()) ? kind : 'live'] += 1;
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'service_unavailable')) throw error;
    erasure.unreadable.push(item.id);
  }
}

/**
 * Erases a person from the record of who acted as whom: from every actor token and session that is over, the actor, the addresses, the
 * user agents, the page's origin, and the hash and signature that the actor could be guessed from. Ids, times, statuses and causes stay.
 * It reads both tables completely. It is safe to repeat.
 *
 * @throws `too_many_requests`; NoAnswerError
 */
export async function eraseRecords(person: ErasedPerson, call: Call): Promise<Erasure> {
  const { instance } = call;
  const erasure: Erasure = { actorTokens: 0, sessions: 0, live: 0, unreadable: [] };
  for await (const item of itemsAbout(person, instance.tables.sessions, instance))
    await tally(item, 'sessions', erasure, async () => {
      const session = sessionFrom(item);
      return isOver(session, call) && (await writeChange(instance, sessionErasure(session, call))).committed;
    });
  for await (const item of itemsAbout(person, instance.tables.actorTokens, instance))
    await tally(item, 'actorTokens', erasure, async () => {
      const token = actorTokenFrom(item);
      return (await isSpent(token, call)) && (await writeChange(instance, actorTokenErasure(token, call))).committed;
    });
  return erasure;
}
