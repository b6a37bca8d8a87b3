// The conditions of the writes about blocks and refusals, one term after the other, as in conditions.test.ts.
import { randomUUID } from 'node:crypto';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from 'vitest';
import { actorTokenItem } from '../../shared/actor-tokens/actor-token-record.ts';
import { recordRefusal } from '../../shared/actor-tokens/record-refusal.ts';
import { newId } from '../../shared/base/ids.ts';
import { epochMs } from '../../shared/base/time.ts';
import { blockIdOf } from '../../shared/blocklist/block.ts';
import { blockIdentifier } from '../../shared/blocklist/block-identifier.ts';
import { liftBlock } from '../../shared/blocklist/lift-block.ts';
import { anActorToken } from '../support/an-actor-token.ts';
import { after, type Which } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { testInstance } from '../support/http.ts';
import { changeItem, type StoredItem, storedItem, storeItem } from '../support/stored.ts';

const { dynamodb } = await startFaults();

const now = epochMs(1_600_000_000_000);
const instance = testInstance();
const key = `key_${'0'.repeat(27)}` as const;
const server = { instance, now, caller: { secretKeyId: key } };
const command = { instance, now, caller: {} };

/** Stores a block of an identifier of this test only. */
async function aBlock(attributes: StoredItem) {
  const identifier = `support_${randomUUID()}`;
  const id = blockIdOf(identifier);
  await storeItem('BLOCKLIST', { id, kind: 'blocked', identifier, reason: null, blocked_by: key, ...attributes });
  return { id, identifier, stored: () => storedItem('BLOCKLIST', { id }) };
}

/** Something happens before the engine gets these requests. */
const overtake = (which: Which, happened: () => Promise<void>) => dynamodb.hurt(which, after(happened));

const asItWas = (blockedAt: number) => ({ blocked_at: blockedAt });
const anew = (blockedAt: number) => ({ blocked_at: blockedAt, reason: 'again' });

describe('to block', () => {
  test.each<[what: string, call: typeof server | typeof command, attributes: StoredItem, expected: StoredItem]>([
    ['what a server has blocked changes nothing', server, { blocked_at: now - 9 }, asItWas(now - 9)],
    ['what stands again changes nothing', server, { blocked_at: now - 5, lifted_at: now - 9 }, asItWas(now - 5)],
    ['what was lifted begins a block', server, { blocked_at: now - 9, lifted_at: now - 5 }, anew(now)],
    ['what was lifted at once begins a block', server, { blocked_at: now - 9, lifted_at: now - 9 }, anew(now)],
    ['what was lifted a moment ago begins one', server, { blocked_at: now - 9, lifted_at: now - 1 }, anew(now)],
    ['what was lifted now begins one later', server, { blocked_at: now - 9, lifted_at: now }, anew(now + 1)],
    ['what was lifted in the future begins one later', server, { blocked_at: 1, lifted_at: now + 5 }, anew(now + 6)],
    ["a server's block with the command", command, { blocked_at: now - 1 }, { ...anew(now), blocked_by: 'command' }],
    ["a server's block of now with it", command, { blocked_at: now }, { ...anew(now + 1), blocked_by: 'command' }],
    [
      "a server's block of later with it",
      command,
      { blocked_at: now + 5 },
      { ...anew(now + 6), blocked_by: 'command' },
    ],
    [
      "the command's block with it changes nothing",
      command,
      { blocked_at: now - 9, blocked_by: 'command' },
      { ...asItWas(now - 9), blocked_by: 'command' },
    ],
    [
      "the command's block with a server changes nothing",
      server,
      { blocked_at: now - 9, blocked_by: 'command' },
      { ...asItWas(now - 9), blocked_by: 'command' },
    ],
  ])('%s', async (_, call, attributes, expected) => {
    const { id, identifier, stored } = await aBlock(attributes);

    const block = await blockIdentifier({ identifier, reason: 'again' }, call);

    expect(await stored()).toMatchObject({ reason: null, blocked_by: key, ...expected });
    expect(block).toMatchObject({ id, blockedAt: expected.blocked_at });
  });

  test('what was never blocked begins a block now', async () => {
    const identifier = `support_${randomUUID()}`;

    expect(await blockIdentifier({ identifier, reason: undefined }, server)).toMatchObject({ blockedAt: now });
    expect(await storedItem('BLOCKLIST', { id: blockIdOf(identifier) })).toMatchObject({ blocked_by: key });
  });

  test('is given up after five attempts that others were ahead of', async () => {
    const { id, identifier } = await aBlock({ blocked_at: now - 9, lifted_at: now });
    let times = 0;
    const overtaken = async () => {
      times += 1;
      await changeItem('BLOCKLIST', { id }, { lifted_at: now + 10 * times });
    };
    overtake(requestsOf('UpdateItem', 'BLOCKLIST', id), overtaken);

    await expect(blockIdentifier({ identifier, reason: undefined }, server)).rejects.toMatchObject({
      code: 'too_many_requests',
    });
    expect(times).toBe(5);
  });
});

describe('to lift a block', () => {
  const lift = async (attributes: StoredItem, meanwhile: StoredItem) => {
    const { id, stored } = await aBlock(attributes);
    const change = async () => void (await changeItem('BLOCKLIST', { id }, meanwhile));
    overtake(requestsOf('UpdateItem', 'BLOCKLIST', id, 1), change);
    const code = await liftBlock(id, server).then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
    return { code, stored: await stored() };
  };

  test.each<[what: string, attributes: StoredItem, liftedAt: number]>([
    ['that began before', { blocked_at: now - 9 }, now],
    ['that stands again', { blocked_at: now - 5, lifted_at: now - 9 }, now],
    ['that begins later', { blocked_at: now + 9 }, now + 9],
  ])('%s', async (_, attributes, liftedAt) => {
    expect(await lift(attributes, {})).toMatchObject({ code: 'done', stored: { lifted_at: liftedAt, lifted_by: key } });
  });

  test('that was made anew meanwhile is refused', async () => {
    const { code, stored } = await lift({ blocked_at: now - 9 }, { blocked_at: now - 5, lifted_at: now - 7 });

    expect(code).toBe('too_many_requests');
    expect(stored).toMatchObject({ blocked_at: now - 5, lifted_at: now - 7 });
  });

  test.each([
    ['at its beginning', now - 9],
    ['later', now - 5],
  ])('that was lifted %s meanwhile keeps the first lift', async (_, liftedAt) => {
    const { code, stored } = await lift({ blocked_at: now - 9 }, { lifted_at: liftedAt, lifted_by: 'other' });

    expect(code).toBe('done');
    expect(stored).toMatchObject({ lifted_at: liftedAt, lifted_by: 'other' });
  });
});

describe('a refused redemption', () => {
  const caller = { sourceIp: '192.0.2.1', userAgent: 'curl' };
  const call = { instance, now, caller };
  const refusal = { cause: 'policy', rule: 'support' };
  const refused = {
    refused_at: now,
    refusal: 'policy',
    refused_rule: 'support',
    refused_from: caller.sourceIp,
    refused_with: caller.userAgent,
  };

  const aToken = async (attributes: StoredItem = {}) => {
    const own = { id: newId('act', now), userId: newId('user', now), generation: instance.generation };
    const token = anActorToken(own);
    const item = unmarshall(actorTokenItem(token, { ...call, caller: { ...caller, secretKeyId: key } }));
    await storeItem('ACTOR_TOKENS', { ...item, ...attributes });
    return { token, stored: () => storedItem('ACTOR_TOKENS', { id: token.id }) };
  };

  test.each<[what: string, attributes: StoredItem, refusedAt: number | undefined]>([
    ['is recorded', {}, now],
    ['is recorded after an earlier one', { ...refused, refused_at: now - 1 }, now],
    ['is recorded a millisecond after another of now', { ...refused, refused_from: '192.0.2.2' }, now + 1],
    ['is recorded after one of later', { ...refused, refused_at: now + 5 }, now + 6],
    ['is recorded once', refused, now],
    ['is not recorded when the ticket was used', { status: 'accepted' }, undefined],
  ])('%s', async (_, attributes, refusedAt) => {
    const { token, stored } = await aToken(attributes);

    await recordRefusal(token, refusal, call);

    expect((await stored())?.refused_at).toBe(refusedAt);
  });

  test('is given up after five attempts that others were ahead of', async () => {
    const { token } = await aToken();
    let times = 0;
    const overtaken = async () => {
      times += 1;
      await changeItem('ACTOR_TOKENS', { id: token.id }, { refused_at: now + 10 * times });
    };
    overtake(requestsOf('UpdateItem', 'ACTOR_TOKENS', token.id), overtaken);

    await expect(recordRefusal(token, refusal, call)).rejects.toMatchObject({ code: 'too_many_requests' });
    expect(times).toBe(5);
  });
});
