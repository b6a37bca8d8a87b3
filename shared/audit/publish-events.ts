import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { awsClientOptions } from '../base/aws-client.ts';
import { type Instance, perInstance } from '../base/instance.ts';
import { type AuditEvent, EVENT_SOURCE, eventLine } from './event.ts';

const eventBridgeOf = perInstance((instance) => new EventBridgeClient(awsClientOptions(instance, 'events')));

/** Source: EventBridge API reference, PutEvents. */
const ENTRIES_PER_CALL = 10;

/** An event of the bus: a type and a JSON text. */
interface Entry {
  readonly type: string;
  readonly detail: string;
}

/**
 * Puts events on the default bus of EventBridge, in their order.
 *
 * @throws Error when the bus does not take one of them
 */
async function putEntries(instance: Instance, entries: readonly Entry[]): Promise<void> {
  for (let first = 0; first < entries.length; first += ENTRIES_PER_CALL) {
    const part = entries.slice(first, first + ENTRIES_PER_CALL);
    const command = new PutEventsCommand({
      Entries: part.map(({ type, detail }) => ({ Source: EVENT_SOURCE, DetailType: type, Detail: detail })),
    });
    const { FailedEntryCount = 0, Entries = [] } = await eventBridgeOf(instance).send(command);
    if (FailedEntryCount > 0)
      throw new Error(
        `The bus refused ${FailedEntryCount} events: ${Entries.find(({ ErrorCode }) => ErrorCode)?.ErrorCode}.`,
      );
  }
}

/** A seal, as the bus tells of it. A receiver that keeps these events has a witness of the chain. */
export interface SealNotice {
  readonly seq: number;
  readonly count: number;
  readonly hash: string;
}

/** Publishes events, and a seal if there is a new one. */
export async function publishEvents(
  instance: Instance,
  events: readonly AuditEvent[],
  sealed: SealNotice | undefined,
): Promise<void> {
  const notice = sealed && { type: 'audit.sealed', detail: JSON.stringify({ instance_id: instance.id, ...sealed }) };
  await putEntries(instance, [
    ...events.map((event) => ({ type: event.type, detail: eventLine(event) })),
    ...(notice ? [notice] : []),
  ]);
}
