/** Reads a batch of changes, as DynamoDB's streams deliver them, and seals it. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Instance } from '../base/instance.ts';
import { count } from '../base/metrics.ts';
import { type EpochMs, epochMs } from '../base/time.ts';
import { type Item, itemFrom } from '../storage/item.ts';
import { type AuditedTable, auditedTableNames, auditedTables } from './audited-tables.ts';
import type { AuditEvent } from './event.ts';
import { eventOfChange, type RecordChange } from './event-of-change.ts';
import { sealEvents } from './seal-events.ts';

const image = v.optional(
  v.record(
    v.string(),
    v.custom<AttributeValue>((value) => typeof value === 'object'),
  ),
);

/** Source: DynamoDB Streams API reference, Record. */
const streamRecord = v.object({
  eventID: v.string(),
  eventName: v.picklist(['INSERT', 'MODIFY', 'REMOVE']),
  eventSourceARN: v.string(),
  userIdentity: v.nullish(v.object({ principalId: v.optional(v.string()) })),
  dynamodb: v.object({ ApproximateCreationDateTime: v.number(), NewImage: image, OldImage: image }),
});

/** An event of the schedule has no records. */
const invocation = v.object({ Records: v.optional(v.array(streamRecord)) });

type StreamRecord = v.InferOutput<typeof streamRecord>;

/** The principal by which DynamoDB deletes items whose `ttl` is over. Source: DynamoDB developer guide, Time to Live. */
const TIME_TO_LIVE = 'dynamodb.amazonaws.com';

/** The audited tables, by their names in AWS. */
function tablesOf(instance: Instance): ReadonlyMap<string, AuditedTable> {
  const names = auditedTableNames(instance);
  return new Map(auditedTables.map((table) => [names[table], table]));
}

/** A value of an image that cannot be read is an item without attributes, which is no record. */
function itemOf(attributes: StreamRecord['dynamodb']['NewImage']): Item | undefined {
  if (!attributes) return undefined;
  try {
    return itemFrom(attributes);
  } catch {
    return {};
  }
}

/** @throws Error for a stream of another table */
function changeOf(record: StreamRecord, tables: ReadonlyMap<string, AuditedTable>): RecordChange {
  const { eventID: changeId, eventName, eventSourceARN, userIdentity, dynamodb } = record;
  const name = /:table\/([^/]+)\/stream\//.exec(eventSourceARN)?.[1] ?? '';
  const table = tables.get(name);
  if (!table) throw new Error(`${name} is no table of the record.`);
  return {
    table,
    changeId,
    at: epochMs(dynamodb.ApproximateCreationDateTime * 1000),
    before: itemOf(dynamodb.OldImage),
    after: itemOf(dynamodb.NewImage),
    isExpiry: eventName === 'REMOVE' && userIdentity?.principalId === TIME_TO_LIVE,
  };
}

function countChanges(events: readonly AuditEvent[]): void {
  for (const { type } of events) if (type === 'audit.record_changed') count('RecordChanged');
}

/**
 * Seals the changes that a batch of records tells of, and publishes their events. An event of the schedule has no records; it stores an empty
 * seal, by which the log shows that it is not cut off.
 *
 * @throws Error when the batch has to be delivered again
 */
export async function sealBatch(event: unknown, instance: Instance, now: EpochMs): Promise<void> {
  const { Records } = v.parse(invocation, event);
  const tables = tablesOf(instance);
  const changes = (Records ?? []).map((record) => changeOf(record, tables));
  const events = changes.flatMap((change) => eventOfChange(change, instance.id) ?? []);
  const oldest = epochMs(Math.min(now, ...changes.map(({ at }) => at)));
  await sealEvents({ events, oldest, evenIfEmpty: Records === undefined }, instance, now);
  countChanges(events);
}
