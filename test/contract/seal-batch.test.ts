// A batch of changes as DynamoDB's streams deliver it to Lambda, from the record to the seal.
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sealBatch } from '../../shared/audit/seal-batch.ts';
import { epochMs } from '../../shared/base/time.ts';
import { type LogOfRecord, readChain, startLogOfRecord } from '../support/log-of-record.ts';

let log: LogOfRecord;

beforeEach(async () => {
  log = await startLogOfRecord();
});

afterEach(async () => {
  await log.stop();
});

const KSUID = '0'.repeat(27);
const aSecretKey = {
  hash: 'f'.repeat(64),
  id: `key_${KSUID}`,
  name: 'tool',
  scopes: ['read'],
  generation: 1,
  created_at: 1,
};
const arnOf = (table: string) =>
  `arn:aws:dynamodb:us-east-1:123456789012:table/${table}/stream/2026-11-27T00:00:00.000`;

interface Change {
  readonly table?: string;
  readonly before?: object;
  readonly after?: object;
  readonly more?: object;
}

let number = 0;

/** A record of a stream, in the form of the DynamoDB Streams API. */
function recordOf({ table = 'SecretKeys', before, after, more = {} }: Change) {
  number += 1;
  return {
    eventID: `event-${number}`,
    eventName: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    eventSourceARN: arnOf(table),
    dynamodb: {
      ApproximateCreationDateTime: 1_795_000_000,
      ...(before && { OldImage: marshall(before) }),
      ...(after && { NewImage: marshall(after) }),
      SequenceNumber: String(number),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
    ...more,
  };
}

const seal = (...changes: readonly Change[]) =>
  sealBatch({ Records: changes.map(recordOf) }, log.instance, epochMs(Date.now()));

const sealed = async () => (await readChain(log)).flatMap(({ events }) => events);

describe('a batch of changes', () => {
  test('becomes the events of the transitions in it', async () => {
    await seal({ after: aSecretKey }, { before: aSecretKey, after: { ...aSecretKey, revoked_at: 5 } });

    expect(await sealed()).toMatchObject([
      { type: 'secret_key.created', at: 1, secret_key_id: aSecretKey.id, name: 'tool', by: { kind: 'command' } },
      { type: 'secret_key.revoked', at: 5, secret_key_id: aSecretKey.id },
    ]);
  });

  test('without a transition is no seal: a write that changed nothing, and a deletion by time to live', async () => {
    const byTimeToLive = { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } };

    await seal({ before: aSecretKey, after: aSecretKey }, { before: aSecretKey, more: byTimeToLive });

    expect(await readChain(log)).toEqual([]);
  });

  test('with a deletion by somebody is an event, even with the name of another service', async () => {
    const byAnother = { userIdentity: { type: 'Service', principalId: 'x.amazonaws.com' } };

    await seal({ before: aSecretKey }, { before: aSecretKey, more: byAnother });

    expect((await sealed()).map(({ type }) => type)).toEqual(['audit.record_changed', 'audit.record_changed']);
  });

  test.each<[string, object]>([
    ['an item of another form', { id: 'x', any: { deep: [1] } }],
    ['an item without an id', { hash: 'x' }],
    ['a record that lacks a member', { ...aSecretKey, created_at: undefined }],
    ['a number that JavaScript does not have', { ...aSecretKey, created_at: Number.MAX_SAFE_INTEGER }],
  ])('with %s is sealed all the same', async (_, after) => {
    const stored = Object.fromEntries(Object.entries(after).filter(([, value]) => value !== undefined));

    await seal({ after: stored }, { after: aSecretKey });

    expect((await sealed()).map(({ type }) => type)).toEqual(['audit.record_changed', 'secret_key.created']);
  });

  test('with a value that cannot be unmarshalled is sealed all the same', async () => {
    const record = recordOf({ after: aSecretKey });
    const NewImage = { ...record.dynamodb.NewImage, other: { UNKNOWN: 'x' } };

    await sealBatch({ Records: [{ ...record, dynamodb: { ...record.dynamodb, NewImage } }] }, log.instance, epochMs(1));

    expect(await sealed()).toMatchObject([{ type: 'audit.record_changed' }]);
  });

  test('of another table is refused, because nobody may seal what is no record', async () => {
    await expect(seal({ table: 'Users', after: aSecretKey })).rejects.toThrow('Users is no table of the record.');
  });

  test('that the schedule sends stores an empty seal', async () => {
    await sealBatch({ source: 'aws.events', 'detail-type': 'Scheduled Event' }, log.instance, epochMs(Date.now()));

    expect(await readChain(log)).toMatchObject([{ seq: 1, count: 0 }]);
  });
});

test('a batch costs four reads and two writes of S3, one signature and one call of the bus, as docs/audit.md counts', async () => {
  await seal({ after: aSecretKey });
  const requests: string[] = [];
  log.failing(({ name }) => {
    requests.push(name.split(' ')[0] ?? '');
    return undefined;
  });
  const record = recordOf({ after: { ...aSecretKey, id: `key_${'1'.repeat(27)}` } });
  // Written after the last seal was stored, as nearly every record is.
  const dynamodb = { ...record.dynamodb, ApproximateCreationDateTime: Date.now() / 1000 + 600 };

  await sealBatch({ Records: [{ ...record, dynamodb }] }, log.instance, epochMs(Date.now()));

  const counts = [...Map.groupBy(requests, (name) => name)].map(([name, all]) => [name, all.length] as const);
  expect(Object.fromEntries(counts)).toEqual({ GET: 2, HEAD: 2, PUT: 2, PutEvents: 1, Sign: 1 });
});
