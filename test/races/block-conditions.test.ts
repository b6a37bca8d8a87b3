// The conditions of the writes about blocks and refusals, one term after the other, as in conditions.test.ts.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { recordRefusal } from '../../shared/actor-tokens/record-refusal.ts';
import { blockIdOf } from '../../shared/blocklist/block.ts';
import { blockIdentifier } from '../../shared/blocklist/block-identifier.ts';
import { liftBlock } from '../../shared/blocklist/lift-block.ts';
import { overtake, requestsOf, startFaults } from '../support/faults.ts';
import { testInstance } from '../support/http.ts';
import { browser, codeOf, longAgo, ownToken, server, storeToken } from '../support/own-records.ts';
import { changeItem, type StoredItem, storedItem, storeItem } from '../support/stored.ts';

const { dynamodb } = await startFaults();

const now = longAgo;
const instance = testInstance();
const key = server.secretKeyId;
const byServer = { instance, now, caller: server };
const byCommand = { instance, now, caller: {} };

/** Stores a block of an identifier of this test only. */
async function aBlock(attributes: StoredItem) {
  const identifier = `support_${randomUUID()}`;
  const id = blockIdOf(identifier);
  await storeItem('BLOCKLIST', { id, kind: 'blocked', identifier, reason: null, blocked_by: key, ...attributes });
  return { id, identifier, stored: () => storedItem('BLOCKLIST', { id }) };
}

const asItWas = (blockedAt: number) => ({ blocked_at: blockedAt });
const anew = (blockedAt: number) => ({ blocked_at: blockedAt, reason: 'again' });

describe('to block an identifier', () => {
  test.each<[what: string, call: typeof byServer | typeof byCommand, attributes: StoredItem, expected: StoredItem]>([
    ['that a server has blocked changes nothing', byServer, { blocked_at: now - 9 }, asItWas(now - 9)],
    ['that is blocked again changes nothing', byServer, { blocked_at: now - 5, lifted_at: now - 9 }, asItWas(now - 5)],
    ['whose block was lifted begins a block', byServer, { blocked_at: now - 9, lifted_at: now - 5 }, anew(now)],
    ['whose block was lifted at once begins a block', byServer, { blocked_at: now - 9, lifted_at: now - 9 }, anew(now)],
    [
      'whose block was lifted a moment ago begins one',
      byServer,
      { blocked_at: now - 9, lifted_at: now - 1 },
      anew(now),
    ],
    ['whose block was lifted now begins one later', byServer, { blocked_at: now - 9, lifted_at: now }, anew(now + 1)],
    [
      'whose block was lifted in the future begins one later',
      byServer,
      { blocked_at: 1, lifted_at: now + 5 },
      anew(now + 6),
    ],
    [
      'that a server has blocked, by the command, makes the block its own',
      byCommand,
      { blocked_at: now - 1 },
      { ...anew(now), blocked_by: 'command' },
    ],
    [
      'that a server blocks now, by the command, makes it its own',
      byCommand,
      { blocked_at: now },
      { ...anew(now + 1), blocked_by: 'command' },
    ],
    [
      'that a server blocks later, by the command, makes it its own',
      byCommand,
      { blocked_at: now + 5 },
      { ...anew(now + 6), blocked_by: 'command' },
    ],
    [
      'that the command has blocked, by the command, changes nothing',
      byCommand,
      { blocked_at: now - 9, blocked_by: 'command' },
      { ...asItWas(now - 9), blocked_by: 'command' },
    ],
    [
      'that the command has blocked, by a server, changes nothing',
      byServer,
      { blocked_at: now - 9, blocked_by: 'command' },
      { ...asItWas(now - 9), blocked_by: 'command' },
    ],
  ])('%s', async (_, call, attributes, expected) => {
    const { id, identifier, stored } = await aBlock(attributes);

    const block = await blockIdentifier({ identifier, reason: 'again' }, call);

    expect(await stored()).toMatchObject({ reason: null, blocked_by: key, ...expected });
    expect(block).toMatchObject({ id, blockedAt: expected.blocked_at });
  });

  test('that was never blocked begins a block now', async () => {
    const identifier = `support_${randomUUID()}`;

    expect(await blockIdentifier({ identifier, reason: undefined }, byServer)).toMatchObject({ blockedAt: now });
    expect(await storedItem('BLOCKLIST', { id: blockIdOf(identifier) })).toMatchObject({ blocked_by: key });
  });

  test('is given up after five attempts that others were ahead of', async () => {
    const { id, identifier } = await aBlock({ blocked_at: now - 9, lifted_at: now });
    const overtaken = overtake(dynamodb, requestsOf('UpdateItem', 'BLOCKLIST', id), (times) =>
      changeItem('BLOCKLIST', { id }, { lifted_at: now + 10 * times }),
    );

    expect(await codeOf(blockIdentifier({ identifier, reason: undefined }, byServer))).toBe('too_many_requests');
    expect(overtaken.hits).toBe(5);
  });
});

describe('to lift a block', () => {
  const lift = async (attributes: StoredItem, meanwhile: StoredItem) => {
    const { id, stored } = await aBlock(attributes);
    overtake(dynamodb, requestsOf('UpdateItem', 'BLOCKLIST', id, 1), () => changeItem('BLOCKLIST', { id }, meanwhile));
    return { code: await codeOf(liftBlock(id, byServer)), stored: await stored() };
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
  const call = { instance, now, caller: browser };
  const refusal = { cause: 'policy', rule: 'support' };
  const refused = {
    refused_at: now,
    refusal: 'policy',
    refused_rule: 'support',
    refused_from: browser.sourceIp,
    refused_with: browser.userAgent,
  };

  const aToken = async (attributes: StoredItem = {}) => {
    const token = ownToken();
    await storeToken(token, attributes);
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
    const overtaken = overtake(dynamodb, requestsOf('UpdateItem', 'ACTOR_TOKENS', token.id), (times) =>
      changeItem('ACTOR_TOKENS', { id: token.id }, { refused_at: now + 10 * times }),
    );

    expect(await codeOf(recordRefusal(token, refusal, call))).toBe('too_many_requests');
    expect(overtaken.hits).toBe(5);
  });
});
