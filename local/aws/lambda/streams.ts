/**
 * Invokes functions with the changes of tables, as Lambda's event source mappings do: in order, in batches, and again until the function
 * succeeds. Source: Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB".
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { localCredentials, region } from '../account.ts';
import { writePrivateFile } from '../private-file.ts';
import type { StreamMapping } from '../stack.ts';

/** Lambda polls four times a second, and then waits for the batching window. */
const POLL_EVERY_MS = 1000;
const RETRY_AFTER_MS = 1000;

interface StreamsOptions {
  readonly mappings: readonly StreamMapping[];
  /** The URL of the engine itself, without the guard. */
  readonly dynamodbEndpoint: string;
  /** The file with the place in each stream up to which it was delivered. */
  readonly file: string;
  readonly invoke: (functionName: string, event: unknown) => Promise<unknown>;
}

/** The running deliveries. */
export interface Streams {
  stop(): Promise<void>;
}

const places = v.record(v.string(), v.string());
const described = v.object({ Table: v.object({ LatestStreamArn: v.optional(v.string()) }) });
const shards = v.object({
  StreamDescription: v.object({ Shards: v.array(v.object({ ShardId: v.string() })) }),
});
const iterator = v.object({ ShardIterator: v.string() });
const streamRecord = v.looseObject({ dynamodb: v.looseObject({ SequenceNumber: v.string() }) });
const records = v.object({ Records: v.array(streamRecord), NextShardIterator: v.nullish(v.string()) });

/** Calls the engine over its wire protocol. The SDK would change the form of the records, which a function gets as they are. */
async function call<Schema extends v.GenericSchema>(
  endpoint: string,
  target: string,
  body: object,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${localCredentials.accessKeyId}/${date.slice(0, 8)}/${region}/dynamodb/aws4_request`;
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-date': date,
      'x-amz-target': target,
      // The engines check no signature.
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=none`,
    },
    body: JSON.stringify(body),
  });
  return v.parse(schema, await response.json());
}

/** A place in a stream: its beginning, its end, or behind a record. */
export type StreamPlace = 'TRIM_HORIZON' | 'LATEST' | { readonly after: string };

/** Reads the stream of a table in an engine, which has one shard. */
export function streamOf(endpoint: string, table: string) {
  const api = (operation: string) => `DynamoDBStreams_20120810.${operation}`;

  return {
    /** Returns an iterator at a place; undefined for a table without a stream. */
    iteratorAt: async (place: StreamPlace): Promise<string | undefined> => {
      const { Table } = await call(endpoint, 'DynamoDB_20120810.DescribeTable', { TableName: table }, described);
      const StreamArn = Table.LatestStreamArn;
      if (StreamArn === undefined) return undefined;
      const { StreamDescription } = await call(endpoint, api('DescribeStream'), { StreamArn }, shards);
      const [{ ShardId } = {}] = StreamDescription.Shards;
      if (ShardId === undefined) return undefined;
      const from =
        typeof place === 'string'
          ? { ShardIteratorType: place }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: place.after };
      return (await call(endpoint, api('GetShardIterator'), { StreamArn, ShardId, ...from }, iterator)).ShardIterator;
    },
    /** Returns the records from an iterator on, at most so many. */
    read: (ShardIterator: string, Limit: number) =>
      call(endpoint, api('GetRecords'), { ShardIterator, Limit }, records),
  };
}

/** Delivers the stream of one table. */
function delivery(
  { table, streamArn, functionName, batchSize }: StreamMapping,
  { dynamodbEndpoint, invoke }: StreamsOptions,
  delivered: { get(): string | undefined; set(place: string): Promise<void> },
) {
  const { iteratorAt, read } = streamOf(dynamodbEndpoint, table);

  /** Delivers one batch. Returns the iterator of the next, and whether there was anything to deliver. */
  return async (at: string | undefined): Promise<{ readonly next: string | undefined; readonly isEmpty: boolean }> => {
    const after = delivered.get();
    const first = at ?? (await iteratorAt(after === undefined ? 'TRIM_HORIZON' : { after }));
    if (first === undefined) return { next: undefined, isEmpty: true };
    const batch = await read(first, batchSize);
    const next = batch.NextShardIterator ?? undefined;
    const last = batch.Records.at(-1)?.dynamodb.SequenceNumber;
    if (last === undefined) return { next, isEmpty: true };
    const Records = batch.Records.map((record) => ({ ...record, awsRegion: region, eventSourceARN: streamArn }));
    await invoke(functionName, { Records });
    await delivered.set(last);
    return { next, isEmpty: false };
  };
}

/** Starts to deliver the streams, from where an earlier run stopped. */
export async function startStreams(options: StreamsOptions): Promise<Streams> {
  const { mappings, file } = options;
  const text = await readFile(file, 'utf8').catch(() => '{}');
  const delivered: Record<string, string> = { ...v.parse(places, JSON.parse(text)) };
  const stopping = new AbortController();
  const { signal } = stopping;
  // The streams share the file, so one write follows the other.
  let saved: Promise<void> = Promise.resolve();
  const save = (table: string, at: string) => {
    delivered[table] = at;
    saved = saved.then(() => writePrivateFile(file, `${JSON.stringify(delivered)}\n`));
    return saved;
  };

  async function deliver(mapping: StreamMapping): Promise<void> {
    const { table } = mapping;
    const deliverBatch = delivery(mapping, options, {
      get: () => delivered[table],
      set: (at) => save(table, at),
    });
    let next: string | undefined;
    while (!signal.aborted) {
      // After a failure the same batch comes again.
      const round = await deliverBatch(next).catch(() => undefined);
      next = round?.next;
      const wait = round ? (round.isEmpty ? POLL_EVERY_MS : 0) : RETRY_AFTER_MS;
      if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  const running = mappings.map(deliver);
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
