/** The default bus of EventBridge: it takes events and keeps the latest. Source: Amazon EventBridge API reference, PutEvents. */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { type LocalServer, listenLocally, type Send, serverOf } from '../server.ts';

const KEPT_EVENTS = 1000;

/** Source: PutEvents, limit of ten entries. */
const putEvents = v.object({
  Entries: v.pipe(
    v.array(v.object({ Source: v.string(), DetailType: v.string(), Detail: v.pipe(v.string(), v.parseJson()) })),
    v.minLength(1),
    v.maxLength(10),
  ),
});

/** An event as the bus took it. */
export interface BusEvent {
  /** The number of the event since the bus has started; the first is 1. */
  readonly number: number;
  readonly type: string;
  readonly detail: unknown;
}

/** A bus with an endpoint of its own. */
export interface LocalBus extends LocalServer {
  readonly send: Send;
  /** Returns the events with a higher number, oldest first; at most the latest thousand. */
  after(number: number): readonly BusEvent[];
}

/** Serves a bus over the wire protocol of EventBridge. */
export async function startBus(): Promise<LocalBus> {
  const events: BusEvent[] = [];
  let taken = 0;

  function take(body: Buffer) {
    const { Entries } = v.parse(putEvents, JSON.parse(body.toString()));
    for (const { DetailType: type, Detail: detail } of Entries) {
      taken += 1;
      events.push({ number: taken, type, detail });
    }
    events.splice(0, events.length - KEPT_EVENTS);
    return { FailedEntryCount: 0, Entries: Entries.map(() => ({ EventId: randomUUID() })) };
  }

  const send: Send = async (request, body, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    const isPut = request.headers['x-amz-target'] === 'AWSEvents.PutEvents';
    try {
      if (!isPut) throw new SyntaxError('This local bus has PutEvents only.');
      response.end(JSON.stringify(take(body)));
    } catch (error) {
      if (!(error instanceof v.ValiError || error instanceof SyntaxError)) throw error;
      response.statusCode = 400;
      response.end(JSON.stringify({ __type: 'ValidationException', message: error.message }));
    }
  };

  const after = (number: number) => events.filter((event) => event.number > number);
  return { ...(await listenLocally(serverOf(send), 0)), send, after };
}
