/** Compares the record with its log: each transition that the record states has its event, and the record still states each event. */
import { createHash } from 'node:crypto';
import type { AuditedTable } from '../../../shared/audit/audited-tables.ts';
import { type AuditEvent, type EventType, REPEATED } from '../../../shared/audit/event.ts';
import { eventsOf } from '../../../shared/audit/events-of.ts';
import type { Instance } from '../../../shared/base/instance.ts';
import { DAY_IN_SECONDS, type EpochMs, plusSeconds } from '../../../shared/base/time.ts';
import type { Item } from '../../../shared/storage/item.ts';

/**
 * The members that name a person or an address, and the caller, who follows from them. Erasing a person removes them from the record, and the
 * log keeps them.
 */
const PERSONAL: readonly string[] = [
  'actor',
  'operator',
  'reason',
  'external_id',
  'from',
  'with',
  'by',
] satisfies readonly (keyof AuditEvent)[];

function digestOf(event: AuditEvent, without: readonly string[] = []): string {
  const kept = Object.entries(event).filter(([name]) => !without.includes(name));
  // An event that was read from the log has its members in another order.
  kept.sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(kept)).digest('base64url').slice(0, 22);
}

interface LoggedEvent {
  readonly type: EventType;
  readonly at: EpochMs;
  readonly whole: string;
  readonly impersonal: string;
}

/** The events of one record, by their ids. */
export interface LoggedRecord {
  readonly table: AuditedTable;
  readonly generation: number | undefined;
  readonly events: Map<string, LoggedEvent>;
}

/** The id of the record that an event is about. */
function recordOf(event: AuditEvent): readonly [table: AuditedTable, id: string | undefined] | undefined {
  const [noun] = event.type.split('.');
  switch (noun) {
    case 'actor_token':
      return ['ActorTokens', event.actor_token_id];
    case 'session':
      return ['Sessions', event.session_id];
    case 'blocklist_identifier':
      return ['Blocklist', event.blocklist_identifier_id];
    case 'secret_key':
      return ['SecretKeys', event.secret_key_id];
    default:
      return undefined;
  }
}

/** The records of a log, by their ids. */
export type LoggedRecords = Map<string, LoggedRecord>;

/** Adds an event to the record that it is about. */
export function addEvent(records: LoggedRecords, event: AuditEvent): void {
  const [table, id] = recordOf(event) ?? [];
  if (table === undefined || id === undefined) return;
  const record = records.get(id) ?? { table, generation: event.generation, events: new Map() };
  const { type, at } = event;
  record.events.set(event.id, { type, at, whole: digestOf(event), impersonal: digestOf(event, PERSONAL) });
  records.set(id, record);
}

/** A record that does not agree with the log. */
export interface Difference {
  readonly table: AuditedTable;
  readonly id: string;
  /** The difference, as a sentence without its subject and its end. */
  readonly what: string;
}

export interface Comparison {
  readonly instance: Instance;
  readonly records: LoggedRecords;
  /** The time of the first seal, before which nothing was logged. */
  readonly begin: EpochMs;
  readonly now: EpochMs;
}

/** True when the log has the redemption that started a session. Both are written in one transaction, so their times are equal. */
function isStarted({ actor_token_id: tokenId, created_at: createdAt }: Item, { records, begin }: Comparison): boolean {
  const events = [...(records.get(String(tokenId))?.events.values() ?? [])];
  const isRedemption = ({ type, at }: LoggedEvent) => type === 'actor_token.accepted' && at === createdAt;
  return Number(createdAt) < begin || events.some(isRedemption);
}

function whatDiffers(table: AuditedTable, item: Item, comparison: Comparison): string | undefined {
  const { instance, records, begin } = comparison;
  const stated = eventsOf(table, item, instance.id);
  if (!stated) return 'cannot be read';
  const logged = records.get(String(item.id))?.events ?? new Map<string, LoggedEvent>();
  const isErased = stated.some(({ type }) => type.endsWith('.erased'));
  for (const event of stated) {
    const known = logged.get(event.id);
    // A transition from before the log began has no event.
    if (!known && event.at < begin) continue;
    if (!known) return `has no event ${event.type}`;
    const isSame = isErased ? known.impersonal === digestOf(event, PERSONAL) : known.whole === digestOf(event);
    if (!isSame) return `is not as its event ${event.type} says`;
  }
  if (table === 'Sessions' && !isStarted(item, comparison)) return 'was started by no actor token';
  const ids = new Set<string>(stated.map(({ id }) => id));
  for (const [id, { type, at }] of logged) {
    const isRepeated = REPEATED.includes(type) && stated.some((each) => each.type === type && each.at > at);
    if (!ids.has(id) && !isRepeated) return `no longer states its event ${type}`;
  }
  return undefined;
}

/**
 * The difference of an item from the log; undefined when it agrees, and for one of an earlier generation, which a restore may have put back.
 * The log says of which generation it is, if it knows it.
 */
export function differenceOf(table: AuditedTable, item: Item, comparison: Comparison): Difference | undefined {
  const generation = comparison.records.get(String(item.id))?.generation ?? item.generation;
  if (generation !== undefined && generation !== comparison.instance.generation) return undefined;
  const what = whatDiffers(table, item, comparison);
  return what === undefined ? undefined : { table, id: String(item.id), what };
}

/** The difference of a record that is in the log, and not in its table; undefined when its time to live may be over. */
export function differenceOfMissing(
  id: string,
  { table, generation, events }: LoggedRecord,
  { instance, now }: Comparison,
): Difference | undefined {
  if (generation !== undefined && generation !== instance.generation) return undefined;
  const kept = plusSeconds(now, -instance.auditRetentionDays * DAY_IN_SECONDS);
  const isExpiring = table === 'ActorTokens' || table === 'Sessions';
  const isOver = [...events.values()].every(({ at }) => at < kept);
  return isExpiring && isOver ? undefined : { table, id, what: 'is missing' };
}
