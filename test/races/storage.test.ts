// The calls to DynamoDB themselves: how many keys one has, how often it is repeated, and what its answer means.
import { randomUUID } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { newId } from '../../shared/base/ids.ts';
import { countIndex, getItems, getItemsByKey, queryIndex, scanTable } from '../../shared/storage/read.ts';
import { writeChange } from '../../shared/storage/update.ts';
import { writeAll } from '../../shared/storage/write.ts';
import { conflict, leaveUnprocessed, refusal } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { testInstance } from '../support/http.ts';
import { idsIn, longAgo } from '../support/own-records.ts';
import { storedItem, storeItem } from '../support/stored.ts';

const { dynamodb } = await startFaults();

const instance = testInstance();
const { sessions, users } = instance.tables;

const sessionIds = (count: number) => Array.from({ length: count }, () => newId('sess', longAgo));
const keysOf = (ids: readonly string[]) => ids.map((id) => ({ table: sessions, id }));

describe('a read of many items', () => {
  const sizesOf = async (read: () => Promise<unknown>) => {
    const { requests } = await dynamodb.watch(read);
    return requests.map(({ body }) => body.RequestItems[sessions].Keys.length);
  };

  test.each([
    [0, []],
    [1, [1]],
    [100, [100]],
    [101, [100, 1]],
    [200, [100, 100]],
  ])('of %d keys is one call for each hundred', async (count, sizes) => {
    expect(await sizesOf(() => getItemsByKey(instance, keysOf(sessionIds(count))))).toEqual(sizes);
    expect(await sizesOf(() => idsIn(getItems(instance, sessions, sessionIds(count))))).toEqual(sizes);
  });

  test('asks once for a key that is named twice', async () => {
    const [id = ''] = sessionIds(1);

    expect(await sizesOf(() => getItemsByKey(instance, keysOf([id, id])))).toEqual([1]);
  });

  test('of two tables takes each item from its own table', async () => {
    const id = `test_${randomUUID()}`;
    await storeItem('USERS', { id, kind: 'none' });
    const itemOf = await getItemsByKey(instance, [
      { table: sessions, id },
      { table: users, id },
    ]);

    expect(itemOf({ table: users, id })).toEqual({ id, kind: 'none' });
    expect(itemOf({ table: sessions, id })).toBeUndefined();
  });

  test('is repeated four times for keys that DynamoDB leaves unread, and then given up', async () => {
    const [first = '', second = ''] = sessionIds(2);
    const passing = dynamodb.hurt(requestsOf('BatchGetItem', 'SESSIONS', first, 4), leaveUnprocessed);
    const lasting = dynamodb.hurt(requestsOf('BatchGetItem', 'SESSIONS', second), leaveUnprocessed);

    expect((await getItemsByKey(instance, keysOf([first])))({ table: sessions, id: first })).toBeUndefined();
    expect(passing.hits).toBe(4);
    await expect(getItemsByKey(instance, keysOf([second]))).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(lasting.hits).toBe(5);
  });
});

describe('a read of an index', () => {
  test('has the items at both ends of its range, in the direction that is asked for', async () => {
    const clientId = newId('client', longAgo);
    const ids = sessionIds(4);
    for (const [at, id] of ids.entries()) await storeItem('SESSIONS', { id, client_id: clientId, created_at: at });
    const query = { table: sessions, index: 'byClient', partition: ['client_id', clientId] } as const;
    const read = async (more: Omit<Parameters<typeof queryIndex>[1], keyof typeof query>) => {
      const found: unknown[] = [];
      for await (const page of queryIndex(instance, { ...query, ...more })) found.push(...page.map(({ id }) => id));
      return found;
    };
    const range = { sortKey: 'created_at', first: 1, last: 2 };

    expect(await read({ range, oldestFirst: true })).toEqual([ids[1], ids[2]]);
    expect(await read({ range })).toEqual([ids[2], ids[1]]);
    expect(await read({ range: { sortKey: 'created_at', first: 2 } })).toEqual([ids[3], ids[2]]);
    expect(await countIndex(instance, { ...query, range })).toBe(2);
    expect(await countIndex(instance, query)).toBe(4);
    expect(await countIndex(instance, { ...query, partition: ['client_id', newId('client', longAgo)] })).toBe(0);
  });
});

test('a read of a whole table is consistent, with or without a filter', async () => {
  const id = newId('sess', longAgo);
  await storeItem('SESSIONS', { id, end_status: 'none' });
  const filter = { expression: '#id = :id', names: ['id'], values: { id } };

  const { result, requests } = await dynamodb.watch(async () => [
    await idsIn(scanTable(instance, sessions, filter)),
    await idsIn(scanTable(instance, sessions, { expression: 'end_status = :status', values: { status: id } })),
    (await idsIn(scanTable(instance, sessions))).includes(id),
  ]);

  expect(result).toEqual([[id], [], true]);
  expect(requests.filter(({ operation, body }) => operation !== 'Scan' || body.ConsistentRead !== true)).toEqual([]);
});

describe('a condition that did not hold', () => {
  const failing = (item: object | undefined) =>
    refusal(400, 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', item && { Item: marshall(item) });
  const change = (id: string) => ({
    table: sessions,
    key: { id },
    set: { origin: 'none' },
    condition: 'attribute_exists(origin)',
  });

  test.each([
    ['the item that DynamoDB names', { id: 'one' }, { id: 'one' }],
    ['nothing where DynamoDB names an empty item', {}, undefined],
    ['nothing where DynamoDB names no item', undefined, undefined],
  ])('has found %s', async (_, item, current) => {
    const [id = ''] = sessionIds(1);
    dynamodb.hurt(requestsOf('UpdateItem', 'SESSIONS', id), failing(item));

    expect(await writeChange(instance, change(id))).toEqual({ committed: false, current });
  });

  test('is named beside the write of a transaction that it belongs to', async () => {
    const [first = '', second = ''] = sessionIds(2);
    await storeItem('SESSIONS', { id: second });
    const putOf = (id: string) => ({
      Put: {
        TableName: sessions,
        Item: marshall({ id }),
        ConditionExpression: 'attribute_not_exists(id)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      } as const,
    });

    expect(await writeAll(instance, [putOf(first), putOf(second)], randomUUID())).toEqual({
      committed: false,
      failed: [undefined, { committed: false, current: { id: second } }],
    });
    expect(await storedItem('SESSIONS', { id: first })).toBeUndefined();
  });
});

describe('a conflict', () => {
  const write = async (id: string) => {
    await storeItem('SESSIONS', { id });
    const change = { table: sessions, key: { id }, set: { origin: 'none' }, condition: 'attribute_exists(id)' };
    return writeChange(instance, change).then(
      ({ committed }) => committed,
      (error: { code: string }) => error.code,
    );
  };
  const after = (milliseconds: number): typeof conflict => {
    return (exchange) => {
      vi.advanceTimersByTime(milliseconds);
      return conflict(exchange);
    };
  };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    vi.advanceTimersByTime(10_000);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test('that passes with the fifth attempt is no failure, and one that lasts longer is too_many_requests', async () => {
    const [first = '', second = ''] = sessionIds(2);
    dynamodb.hurt(requestsOf('UpdateItem', 'SESSIONS', first, 4), conflict);
    const lasting = dynamodb.hurt(requestsOf('UpdateItem', 'SESSIONS', second), conflict);

    expect([await write(first), await write(second)]).toEqual([true, 'too_many_requests']);
    expect(lasting.hits).toBe(5);
  });

  test.each([
    [2000, 0, true],
    [2001, 0, 'too_many_requests'],
    [1950, 1, true],
    [1951, 1, 'too_many_requests'],
  ])('after %d ms, with a pause of %d times 50 ms, ends with %s', async (milliseconds, random, expected) => {
    const [id = ''] = sessionIds(1);
    dynamodb.hurt(requestsOf('UpdateItem', 'SESSIONS', id, 1), after(milliseconds));
    vi.spyOn(Math, 'random').mockReturnValue(random);

    expect(await write(id)).toBe(expected);
  });
});
