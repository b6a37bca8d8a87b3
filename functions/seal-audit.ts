/**
 * Seals the changes of the record. DynamoDB's streams deliver them, at least once; a batch that fails is delivered again. Once a day an
 * event without records lets it write an empty seal, by which the log shows that it is not cut off.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { type AuditedTable, auditedTableNames, auditedTables } from '../shared/audit/audited-tables.ts';
import type { AuditEvent } from '../shared/audit/event.ts';
import { eventOfChange, type RecordChange } from '../shared/audit/event-of-change.ts';
import { sealEvents } from '../shared/audit/seal-events.ts';
import type { Instance } from '../shared/base/instance.ts';
import { logSealed } from '../shared/base/log.ts';
import { count, observe } from '../shared/base/metrics.ts';
import { type EpochMs, epochMs } from '../shared/base/time.ts';
import { type Item, itemFrom } from '../shared/storage/item.ts';
import { ownInstance } from './own-instance.ts';

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

async function seal(event: unknown, instance: Instance, now: EpochMs): Promise<void> {
  const { Records } = v.parse(invocation, event);
  const tables = tablesOf(instance);
  const changes = (Records ?? []).map((record) => changeOf(record, tables));
  const events = changes.flatMap((change) => eventOfChange(change, instance.id) ?? []);
  const oldest = epochMs(Math.min(now, ...changes.map(({ at }) => at)));
  await sealEvents({ events, oldest, evenIfEmpty: Records === undefined }, instance, now);
  countChanges(events);
}

/** Handles one batch of a stream. It rejects when the batch has to be delivered again. */
export function sealer(instance: Instance): (event: unknown) => Promise<void> {
  return (event) =>
    observe(async () => {
      const now = epochMs(Date.now());
      const failure = await seal(event, instance, now).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      logSealed(instance.id, now, failure?.error);
      if (failure) throw failure.error;
    });
}

export const handler = sealer(ownInstance);
