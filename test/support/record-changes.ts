// The changes of the record, as the streams of the tables tell them.
import { inject } from 'vitest';
import { streamOf } from '../../local/aws/lambda/streams.ts';
import { type AuditedTable, auditedTables } from '../../shared/audit/audited-tables.ts';
import type { AuditEvent } from '../../shared/audit/event.ts';
import { eventOfChange } from '../../shared/audit/event-of-change.ts';
import { epochMs } from '../../shared/base/time.ts';
import { itemFrom } from '../../shared/storage/item.ts';
import { testInstance } from './http.ts';

const VARIABLES: Readonly<Record<AuditedTable, string>> = {
  ActorTokens: 'ACTOR_TOKENS_TABLE',
  Sessions: 'SESSIONS_TABLE',
  Blocklist: 'BLOCKLIST_TABLE',
  SecretKeys: 'SECRET_KEYS_TABLE',
};

/** Returns a function that returns the events of all changes since now, in the order of each table. */
export async function changesFromNow(): Promise<(isOurs: (id: string) => boolean) => Promise<readonly AuditEvent[]>> {
  const { dynamodbEndpoint, environment } = inject('stack');
  const streams = await Promise.all(
    auditedTables.map(async (table) => {
      const stream = streamOf(dynamodbEndpoint, environment[VARIABLES[table]] ?? '');
      return { table, stream, first: await stream.iteratorAt('LATEST') };
    }),
  );

  async function changesOf({ table, stream, first }: (typeof streams)[number], isOurs: (id: string) => boolean) {
    const events: AuditEvent[] = [];
    let at = first;
    while (at !== undefined) {
      const { Records, NextShardIterator } = await stream.read(at, 1000);
      for (const record of Records) {
        const { NewImage, OldImage, ApproximateCreationDateTime } = Object(record.dynamodb);
        const [before, after] = [OldImage, NewImage].map((image) => image && itemFrom(image));
        if (!isOurs(String((after ?? before).id))) continue;
        const change = { table, changeId: String(record.eventID), before, after, isExpiry: false };
        const event = eventOfChange({ ...change, at: epochMs(ApproximateCreationDateTime * 1000) }, testInstance().id);
        if (event) events.push(event);
      }
      at = Records.length > 0 ? (NextShardIterator ?? undefined) : undefined;
    }
    return events;
  }

  return async (isOurs) => (await Promise.all(streams.map((each) => changesOf(each, isOurs)))).flat();
}
