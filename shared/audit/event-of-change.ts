/** Makes the event of a change of a record. A change that is no transition of the product is an event of its own. */
import { isDeepStrictEqual } from 'node:util';
import type { Id } from '../base/ids.ts';
import type { EpochMs } from '../base/time.ts';
import type { Item } from '../storage/item.ts';
import type { AuditedTable } from './audited-tables.ts';
import { type AuditEvent, type EventType, eventIdOf, REPEATED } from './event.ts';
import { eventsOf } from './events-of.ts';

/** A change of an item, as the stream of its table tells it. */
export interface RecordChange {
  readonly table: AuditedTable;
  /** The id of the change in the stream. A change that is delivered again has the same one. */
  readonly changeId: string;
  /** The time of the change, to the second. */
  readonly at: EpochMs;
  /** Undefined for an item that was created. */
  readonly before: Item | undefined;
  /** Undefined for an item that was deleted. */
  readonly after: Item | undefined;
  /** DynamoDB deleted the item, because its `ttl` is over. */
  readonly isExpiry: boolean;
}

const REFUSED = ['refused_at', 'refusal', 'refused_rule', 'refused_from', 'refused_with'];
const ERASED_PEOPLE = ['external_id', 'actor', 'verified', 'reason', 'erased_at'];
const ENDED = ['end_status', 'ended_at', 'end_cause', 'end_rule', 'ended_by', 'ended_from', 'ended_with'];

/** The attributes that each transition of an item that exists may change. */
const changedBy: { readonly [Type in EventType]?: readonly string[] } = {
  'actor_token.refused': REFUSED,
  'actor_token.accepted': [
    'status',
    'updated_at',
    'attempt',
    'accepted_at',
    'session_id',
    'client_id',
    'client_secret_hash',
    'ticket_signature',
    'accepted_from',
    'accepted_with',
  ],
  'actor_token.revoked': ['status', 'updated_at', 'attempt', 'revoked_by', 'revoked_from', 'revoked_with'],
  'actor_token.erased': [
    ...ERASED_PEOPLE,
    'ticket_hash',
    'ticket_signature',
    'created_from',
    'created_with',
    'accepted_from',
    'accepted_with',
    'revoked_from',
    'revoked_with',
    'refused_from',
    'refused_with',
    'operator_key',
  ],
  'session.ended': ENDED,
  'session.removed': ENDED,
  'session.revoked': ENDED,
  'session.erased': [...ERASED_PEOPLE, 'origin', 'created_from', 'created_with', 'ended_from', 'ended_with'],
  'blocklist_identifier.created': ['identifier', 'reason', 'blocked_at', 'blocked_by'],
  'blocklist_identifier.deleted': ['lifted_at', 'lifted_by'],
  'secret_key.revoked': ['revoked_at'],
};

/** The transitions with which an item begins. */
const BEGINNINGS: readonly EventType[] = [
  'actor_token.created',
  'actor_token.refused',
  'session.created',
  'blocklist_identifier.created',
  'secret_key.created',
];

/** The names of the attributes that differ. */
function changedNames(before: Item, after: Item): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name])).sort();
}

/** The activity of a session is no event. It only grows. */
function isActivity({ table, before, after }: RecordChange, changed: readonly string[]): boolean {
  return (
    table === 'Sessions' &&
    changed.every((name) => name === 'last_active_at') &&
    Number(after?.last_active_at) > Number(before?.last_active_at)
  );
}

/** The events that are in the first list only. */
function without(events: readonly AuditEvent[], others: readonly AuditEvent[]): readonly AuditEvent[] {
  const ids = new Set(others.map(({ id }) => id));
  return events.filter(({ id }) => !ids.has(id));
}

/** The transition that a change is; undefined for a change that is none. */
function transitionOf(change: RecordChange, changed: readonly string[], instanceId: Id<'ins'>): AuditEvent | undefined {
  const { table, before, after } = change;
  const stated = after && eventsOf(table, after, instanceId);
  if (!stated) return undefined;
  const earlier = before ? eventsOf(table, before, instanceId) : [];
  if (!earlier) return undefined;
  const [added, another] = without(stated, earlier);
  if (!added || another) return undefined;
  // A record goes on to state what it has stated.
  const lost = without(earlier, stated);
  if (lost.some(({ type }) => type !== added.type || !REPEATED.includes(type))) return undefined;
  if (!before) return stated.length === 1 && BEGINNINGS.includes(added.type) ? added : undefined;
  return changed.every((name) => changedBy[added.type]?.includes(name)) ? added : undefined;
}

function idOf({ before, after }: RecordChange): string {
  return String((after ?? before)?.id ?? 'unknown');
}

/**
 * Returns the event of a change; undefined for a change without one: activity, a deletion because the time to live is over, and a write
 * that changed nothing. Every other change that is no transition, such as a changed actor, an end that was taken back or a deleted item, is
 * the event `audit.record_changed`. It never throws.
 */
export function eventOfChange(change: RecordChange, instanceId: Id<'ins'>): AuditEvent | undefined {
  const { table, before, after, isExpiry, changeId, at } = change;
  if (isExpiry) return undefined;
  const changed = before && after ? changedNames(before, after) : [];
  if (before && after && (changed.length === 0 || isActivity(change, changed))) return undefined;
  const transition = transitionOf(change, changed, instanceId);
  if (transition) return transition;
  const record = { table, id: idOf(change) };
  return {
    id: eventIdOf(record.id, 'audit.record_changed', `${table}|${changeId}`),
    type: 'audit.record_changed',
    at,
    instance_id: instanceId,
    record,
    changed: [...changed],
  };
}
