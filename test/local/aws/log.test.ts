// The parts of AWS that the log of the record needs: S3, the bus, the streams of tables, and the guard in front of them.
import { CreateTableCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { bucketArn, busArn, streamArn } from '../../../local/aws/account.ts';
import { startEngine } from '../../../local/aws/dynamodb/engine.ts';
import { startBus } from '../../../local/aws/events/bus.ts';
import { startGuard } from '../../../local/aws/iam/guard.ts';
import { pattern } from '../../../local/aws/iam/policy.ts';
import { startStreams } from '../../../local/aws/lambda/streams.ts';
import { startS3 } from '../../../local/aws/s3/s3.ts';
import { requireEngine } from '../../../local/stores.ts';
import { temporaryDirectory } from '../tiny-stack.ts';

const clientOptions = (endpoint: string, accessKeyId = 'local') => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId, secretAccessKey: 'local' },
  maxAttempts: 1,
});

async function anS3() {
  const s3 = await startS3(await temporaryDirectory());
  onTestFinished(s3.stop);
  return { s3, client: new S3Client(clientOptions(s3.endpoint)) };
}

const Bucket = 'log';

describe('the local S3', () => {
  test('stores, reads and replaces an object', async () => {
    const { client } = await anS3();

    for (const Body of ['one', 'two']) await client.send(new PutObjectCommand({ Bucket, Key: 'head', Body }));

    const { Body, LastModified } = await client.send(new GetObjectCommand({ Bucket, Key: 'head' }));
    expect(await Body?.transformToString()).toBe('two');
    expect(Math.abs(Date.now() - (LastModified?.getTime() ?? 0))).toBeLessThan(60_000);
    expect((await client.send(new HeadObjectCommand({ Bucket, Key: 'head' }))).ContentLength).toBe(3);
  });

  test('stores an object only once with If-None-Match, whoever of many comes first', async () => {
    const { client } = await anS3();
    const put = (Body: string) =>
      client.send(new PutObjectCommand({ Bucket, Key: 'seals/1', Body, IfNoneMatch: '*' })).then(
        () => Body,
        (error: Error) => error.name,
      );

    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => put(`body ${index}`)));

    const winners = outcomes.filter((each) => each.startsWith('body'));
    expect(winners).toHaveLength(1);
    expect(new Set(outcomes.filter((each) => !each.startsWith('body')))).toEqual(new Set(['PreconditionFailed']));
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'seals/1' }));
    expect(await Body?.transformToString()).toBe(winners[0]);
  });

  test('has no object that was not stored, and none outside of its directory', async () => {
    const { s3, client } = await anS3();

    await expect(client.send(new GetObjectCommand({ Bucket, Key: 'x' }))).rejects.toHaveProperty('name', 'NoSuchKey');
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'x' }))).rejects.toHaveProperty('name', 'NotFound');
    for (const path of ['/log/..%2f..%2fetc/passwd', '/log', '/log/a//b'])
      expect((await fetch(s3.endpoint + path)).status, path).toBe(501);
  });
});

test('the local bus takes up to ten events, numbers them, and refuses more', async () => {
  const bus = await startBus();
  onTestFinished(bus.stop);
  const client = new EventBridgeClient(clientOptions(bus.endpoint));
  const entry = { Source: 'actor-tokens', DetailType: 'session.created', Detail: '{"id":1}' };
  const put = (count: number) =>
    client.send(new PutEventsCommand({ Entries: Array.from({ length: count }, () => entry) }));

  expect(await put(2)).toMatchObject({ FailedEntryCount: 0, Entries: [{}, {}] });
  await expect(put(11)).rejects.toHaveProperty('name', 'ValidationException');

  expect(bus.after(1)).toEqual([{ number: 2, type: 'session.created', detail: { id: 1 } }]);
});

describe('the guard', () => {
  const allow = (action: string, resource: string, stringEquals = {}) => ({
    effect: 'Allow' as const,
    actions: [pattern(action)],
    resources: [pattern(resource)],
    stringEquals,
  });

  async function guarded(...statements: ReturnType<typeof allow>[]) {
    const { s3 } = await anS3();
    const bus = await startBus();
    onTestFinished(bus.stop);
    const refuse = () => Promise.reject(new Error('not called'));
    const guard = await startGuard({
      functions: [{ name: 'Sealer', role: { name: 'SealerRole', statements } }],
      keyPolicies: new Map(),
      services: { dynamodb: refuse, kms: refuse, s3: s3.send, events: bus.send },
      report: () => undefined,
    });
    onTestFinished(guard.stop);
    const options = clientOptions(guard.endpoint, 'Sealer');
    return { s3: new S3Client(options), events: new EventBridgeClient(options) };
  }

  test('lets a role write and read the objects that its policy names, and no others', async () => {
    const { s3 } = await guarded(
      allow('s3:PutObject', `${bucketArn(Bucket)}/seals/*`),
      allow('s3:GetObject', `${bucketArn(Bucket)}/seals/*`),
    );

    await s3.send(new PutObjectCommand({ Bucket, Key: 'seals/1', Body: 'x' }));
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'seals/1' }))).resolves.toHaveProperty('ETag');
    await expect(s3.send(new PutObjectCommand({ Bucket, Key: 'head', Body: 'x' }))).rejects.toHaveProperty(
      'name',
      'AccessDenied',
    );
  });

  test('answers 403 for an object that does not exist, unless the role may list the bucket', async () => {
    const read = allow('s3:GetObject', `${bucketArn(Bucket)}/*`);
    const without = await guarded(read);
    const allowed = await guarded(read, allow('s3:ListBucket', bucketArn(Bucket)));
    const get = new GetObjectCommand({ Bucket, Key: 'seals/1' });

    await expect(without.s3.send(get)).rejects.toHaveProperty('name', 'AccessDenied');
    await expect(allowed.s3.send(get)).rejects.toHaveProperty('name', 'NoSuchKey');
  });

  test('lets a role put events of its own source only', async () => {
    const { events } = await guarded(allow('events:PutEvents', busArn, { 'events:source': ['actor-tokens'] }));
    const put = (Source: string) =>
      events.send(new PutEventsCommand({ Entries: [{ Source, DetailType: 'x', Detail: '{}' }] }));

    await expect(put('actor-tokens')).resolves.toMatchObject({ FailedEntryCount: 0 });
    await expect(put('another')).rejects.toHaveProperty('name', 'AccessDeniedException');
  });
});

describe('the streams of tables', () => {
  async function aTable() {
    const dir = await temporaryDirectory();
    const files = { database: `${dir}/db`, pidFile: `${dir}/pid` };
    const address = { host: '127.0.0.1', port: 0 };
    const engine = await startEngine({ ...files, binary: requireEngine(), address, onCrash: () => undefined });
    onTestFinished(engine.stop);
    const dynamodb = new DynamoDBClient(clientOptions(engine.endpoint));
    await dynamodb.send(
      new CreateTableCommand({
        TableName: 'Things',
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    );
    const put = (id: string) => dynamodb.send(new PutItemCommand({ TableName: 'Things', Item: { id: { S: id } } }));
    const mapping = { table: 'Things', streamArn: streamArn('Things'), functionName: 'Sealer', batchSize: 2 };
    const options = { mappings: [mapping], dynamodbEndpoint: engine.endpoint, file: `${dir}/streams.json` };
    return { dynamodb, put, options };
  }

  /** Delivers until the function has seen the item `last`. Returns the ids of each successful batch. */
  async function delivered(options: Awaited<ReturnType<typeof aTable>>['options'], last: string, failures = 0) {
    const batches: string[][] = [];
    let left = failures;
    const streams = await startStreams({
      ...options,
      invoke: async (name, event) => {
        expect(name).toBe('Sealer');
        left -= 1;
        if (left >= 0) throw new Error('It fails.');
        batches.push(
          Object(event).Records.map(
            ({ dynamodb }: { dynamodb: { Keys: { id: { S: string } } } }) => dynamodb.Keys.id.S,
          ),
        );
      },
    });
    await vi.waitFor(() => expect(batches.flat()).toContain(last), { timeout: 20_000 });
    await streams.stop();
    return batches;
  }

  test('are delivered in their order, in batches, again after a failure, and after a restart from where they were', async () => {
    const { put, options } = await aTable();
    for (const id of ['a', 'b', 'c']) await put(id);

    expect(await delivered(options, 'c', 1)).toEqual([['a', 'b'], ['c']]);
    await put('d');
    expect(await delivered(options, 'd')).toEqual([['d']]);
  });

  test('have the form that Lambda gets', async () => {
    const { dynamodb, put, options } = await aTable();
    await put('a');
    const update = { UpdateExpression: 'SET #n = :n', ExpressionAttributeNames: { '#n': 'n' } };
    const values = { ExpressionAttributeValues: { ':n': { N: '1' } } };
    await dynamodb.send(new UpdateItemCommand({ TableName: 'Things', Key: { id: { S: 'a' } }, ...update, ...values }));
    const seen: unknown[] = [];
    const streams = await startStreams({ ...options, invoke: async (_, event) => void seen.push(event) });

    await vi.waitFor(() => expect(seen).toHaveLength(1));
    await streams.stop();
    expect(seen[0]).toMatchObject({
      Records: [
        { eventName: 'INSERT', eventSourceARN: streamArn('Things'), dynamodb: { NewImage: { id: { S: 'a' } } } },
        {
          eventName: 'MODIFY',
          dynamodb: {
            OldImage: { id: { S: 'a' } },
            NewImage: { id: { S: 'a' }, n: { N: '1' } },
            ApproximateCreationDateTime: expect.any(Number),
          },
        },
      ],
    });
  });
});
