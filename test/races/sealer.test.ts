// Several sealers at once, with batches that come again and requests whose answers are lost: the chain stays whole, each event is in it
// once, and each is on the bus at least once.
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../shared/audit/event.ts';
import { eventIdOf } from '../../shared/audit/event.ts';
import { sealKey } from '../../shared/audit/seal.ts';
import { sealEvents } from '../../shared/audit/seal-events.ts';
import { findHead, getSeal } from '../../shared/audit/seal-store.ts';
import { type EpochMs, epochMs } from '../../shared/base/time.ts';
import {
  AUDIT_KEYS,
  BUCKET,
  idsOf,
  type LogFault,
  type LogOfRecord,
  readChain,
  startLogOfRecord,
} from '../support/log-of-record.ts';
import { newSeed, randomFrom } from '../support/random.ts';

const HOUR_IN_MS = 3_600_000;

let log: LogOfRecord;

beforeEach(async () => {
  log = await startLogOfRecord();
});

afterEach(async () => {
  await log.stop();
});

const anEvent = (name: string, at = Date.now()): AuditEvent => ({
  id: eventIdOf(name, 'session.created', at),
  type: 'session.created',
  at: epochMs(at),
  instance_id: log.instance.id,
  session_id: name,
});

const someEvents = (count: number, name = 'sess') =>
  Array.from({ length: count }, (_, index) => anEvent(`${name}_${index}`));

const seal = (events: readonly AuditEvent[], oldest: EpochMs = epochMs(Date.now()), evenIfEmpty = false) =>
  sealEvents({ events, oldest, evenIfEmpty }, log.instance, epochMs(Date.now()));

const sealedIds = async () => (await readChain(log)).flatMap(({ events }) => idsOf(events));
const publishedIds = () =>
  new Set(log.bus.after(0).flatMap(({ type, detail }) => (type === 'audit.sealed' ? [] : [Object(detail).id])));

/** Fails the requests with this name, once. */
const failOnce = (name: string, fault: LogFault) => {
  let isDone = false;
  log.failing((request) => {
    if (isDone || request.name !== name) return undefined;
    isDone = true;
    return fault;
  });
};

const firstSeal = `PUT /${BUCKET}/${sealKey(1)}`;

describe('a batch', () => {
  test('is one seal, whose events are on the bus with a notice of the seal', async () => {
    const events = someEvents(3);

    await seal(events);

    const [only, another] = await readChain(log);
    expect(another).toBeUndefined();
    expect(only).toMatchObject({ seq: 1, prev: null, count: 3, events });
    expect(log.bus.after(0).map(({ type }) => type)).toEqual([
      'session.created',
      'session.created',
      'session.created',
      'audit.sealed',
    ]);
    expect(log.bus.after(3)[0]?.detail).toEqual({ instance_id: log.instance.id, seq: 1, count: 3, hash: only?.hash });
  });

  test('that comes again is not sealed again, and is published again', async () => {
    const events = someEvents(3);
    await seal(events);

    await seal(events);

    expect(await readChain(log)).toHaveLength(1);
    expect(log.bus.after(4).map(({ type }) => type)).toEqual(['session.created', 'session.created', 'session.created']);
  });

  test('that comes again in another cut is sealed as far as it is new', async () => {
    const events = someEvents(4);
    await seal(events.slice(0, 2));

    await seal(events.slice(1));

    expect(await sealedIds()).toEqual(idsOf(events));
  });

  test('without events is no seal, unless an empty one is asked for', async () => {
    await seal([]);
    expect(await readChain(log)).toEqual([]);

    await seal([], epochMs(Date.now()), true);

    expect(await readChain(log)).toMatchObject([{ seq: 1, count: 0 }]);
  });

  test('of a thousand events is one seal, and is published in tens', async () => {
    await seal(someEvents(1000));

    expect(await readChain(log)).toMatchObject([{ count: 1000 }]);
    expect(publishedIds().size).toBe(1000 - 1);
  });
});

describe('a batch is delivered again when', () => {
  test.each([
    ['the bucket refuses the seal', firstSeal, 'refuse', 0],
    ['the bus refuses the events', 'PutEvents', 'refuse', 1],
    ['the bus takes the request and not its events', 'PutEvents', 'fail-entry', 1],
    ['the hint of the head cannot be written', `PUT /${BUCKET}/head`, 'refuse', 1],
  ] as const)('%s', async (_, name, fault, sealed) => {
    const events = someEvents(2);
    failOnce(name, fault);

    await expect(seal(events)).rejects.toThrow();
    expect(await log.objects()).toHaveLength(sealed);
    await seal(events);

    expect(await sealedIds()).toEqual(idsOf(events));
    expect(publishedIds()).toEqual(new Set(idsOf(events)));
  });

  test('the answer to the write of the seal was lost: the SDK writes again, and finds its own seal', async () => {
    const events = someEvents(2);
    failOnce(firstSeal, 'lose');

    await seal(events);

    expect(await sealedIds()).toEqual(idsOf(events));
  });
});

test.each([
  `GET /${BUCKET}/head`,
  `HEAD /${BUCKET}/${sealKey(1)}`,
  'Sign',
  firstSeal,
  `PUT /${BUCKET}/head`,
  'PutEvents',
])('a throttled %s is sent again, and the batch is sealed once', async (name) => {
  const events = someEvents(2);
  failOnce(name, 'throttle');

  await seal(events);

  expect(await sealedIds()).toEqual(idsOf(events));
  expect(publishedIds()).toEqual(new Set(idsOf(events)));
});

test('an outage of an hour delays events, and neither loses one nor seals one twice', async () => {
  const hourAgo = Date.now() - HOUR_IN_MS;
  const [before, during] = [someEvents(2, 'before'), someEvents(2, 'during')];
  const deliver = (events: readonly AuditEvent[]) => seal(events, epochMs(hourAgo));
  // The outage begins when the first batch is sealed and not yet published.
  failOnce('PutEvents', 'refuse');
  await expect(deliver(before)).rejects.toThrow();
  const sealedAt = (hourAgo + 1000) / 1000;
  await utimes(join(log.sealsDir, '000000000001'), sealedAt, sealedAt);
  for (const fault of ['refuse', 'throttle'] as const) {
    log.failing(() => fault);
    for (const events of [before, during]) await expect(deliver(events)).rejects.toThrow();
  }

  log.failing(() => undefined);
  await Promise.all([deliver(during), deliver(before)]);

  expect(await sealedIds()).toEqual(idsOf([...before, ...during]));
  expect(publishedIds()).toEqual(new Set(idsOf([...before, ...during])));
});

describe('several sealers', () => {
  test('at once make one chain, with each event once', async () => {
    const batches = Array.from({ length: 8 }, (_, index) => someEvents(5, `sess_${index}`));

    await Promise.all(batches.map((events) => seal(events)));

    const seals = await readChain(log);
    expect(seals).toHaveLength(8);
    expect((await sealedIds()).toSorted()).toEqual(batches.flatMap(idsOf).toSorted());
  });

  test('of the same batch seal it once', async () => {
    const events = someEvents(5);

    await Promise.all([seal(events), seal(events), seal(events)]);

    expect(await sealedIds()).toEqual(idsOf(events));
  });

  test('with faults at any request lose nothing and seal nothing twice', { timeout: 120_000 }, async () => {
    const seeds = Array.from({ length: 6 }, () => newSeed());
    let faults = 0;
    for (const [run, seed] of seeds.entries()) {
      const random = randomFrom(seed);
      log.failing(({ name }) => {
        const dice = random();
        const often = /^(PUT|PutEvents)/.test(name) ? 0.15 : 0.01;
        if (dice > often) return undefined;
        faults += 1;
        return dice > often / 2 ? 'refuse' : 'lose';
      });
      const events = someEvents(30, `run_${run}`);
      const oldest = epochMs(Date.now());
      /** Delivers the events of one shard in order, each batch until it succeeds, and some once more by a late copy. */
      const deliver = async (own: readonly AuditEvent[]) => {
        for (let first = 0; first < own.length; ) {
          const batch = own.slice(first, first + 1 + Math.floor(random() * 4));
          const late = random() < 0.3 ? seal(batch, oldest).catch(() => undefined) : undefined;
          let isDone = false;
          while (!isDone)
            isDone = await seal(batch, oldest).then(
              () => true,
              () => false,
            );
          await late;
          first += batch.length;
        }
      };
      await Promise.all([0, 1, 2].map((shard) => deliver(events.filter((_, index) => index % 3 === shard))));
      log.failing(() => undefined);

      const sealed = (await sealedIds()).filter((id) => idsOf(events).includes(id));
      expect(sealed.toSorted(), `seed ${seed}`).toEqual(idsOf(events).toSorted());
      const published = publishedIds();
      expect(
        events.filter(({ id }) => !published.has(id)),
        `seed ${seed}`,
      ).toEqual([]);
    }
    expect(faults).toBeGreaterThan(20);
  });
});

describe('the head', () => {
  test('is found without the hint, and with a wrong one', async () => {
    for (let index = 0; index < 5; index += 1) await seal(someEvents(1, `sess_${index}`));
    expect(await findHead(log.instance)).toBe(5);

    for (const hint of ['999', 'x', '-1', '2']) {
      await writeFile(join(log.sealsDir, '..', 'head'), hint);
      expect(await findHead(log.instance), hint).toBe(5);
    }
  });

  test('of an empty log is 0', async () => {
    expect(await findHead(log.instance)).toBe(0);
    expect(await getSeal(log.instance, 1)).toBeUndefined();
  });

  test('that somebody changed keeps no later event out of the log', async () => {
    await seal(someEvents(1, 'first'));
    await writeFile(join(log.sealsDir, '000000000001'), 'not a seal');

    await seal(someEvents(1, 'second'));

    expect(await log.objects()).toHaveLength(2);
    await expect(readChain(log)).rejects.toThrow('Seal 1 is not signed by an audit key of this stack');
  });
});

test('a new key signs from then on, and what the old one signed can be verified', async () => {
  await seal(someEvents(1, 'old'));
  const rotated = log.instanceWith([AUDIT_KEYS[1], AUDIT_KEYS[0]]);

  await sealEvents(
    { events: someEvents(1, 'new'), oldest: epochMs(Date.now()), evenIfEmpty: false },
    rotated,
    epochMs(Date.now()),
  );

  expect(await readChain({ ...log, instance: rotated })).toHaveLength(2);
  await expect(readChain({ ...log, instance: log.instanceWith([AUDIT_KEYS[1]]) })).rejects.toThrow(
    'Seal 1 is not signed',
  );
});
