// The rules of blocks.
import { describe, expect, test } from 'vitest';
import { epochMs } from '../../shared/base/time.ts';
import { type Block, blockIdOf, blockIdsOf, isBlockedSince, isStanding } from '../../shared/blocklist/block.ts';

const noon = 1_700_000_000_000;

function aBlock(liftedAt?: number): Block {
  return {
    id: blockIdOf('support_1'),
    identifier: 'support_1',
    reason: undefined,
    blockedAt: epochMs(noon),
    liftedAt: liftedAt === undefined ? undefined : epochMs(liftedAt),
    blockedBy: 'command',
  };
}

describe('the id of a block', () => {
  test('is the same for an e-mail address in any case, and another for any other text in another case', () => {
    expect(blockIdOf('Mia@Example.com')).toBe(blockIdOf('mia@example.com'));
    expect(blockIdOf('Support_1')).not.toBe(blockIdOf('support_1'));
  });

  test('is one for each identifier of an actor', () => {
    const verified = { iss: 'https://idp.example.com', sub: '00u1', email: 'Mia@example.com', iat: 1 };

    expect(blockIdsOf({ sub: 'mia@example.com' }, verified)).toEqual([blockIdOf('mia@example.com'), blockIdOf('00u1')]);
    expect(blockIdsOf({ sub: 'support_1' }, undefined)).toEqual([blockIdOf('support_1')]);
  });
});

describe('a block', () => {
  test.each([
    [undefined, true],
    [noon - 1, true],
    [noon, false],
    [noon + 1, false],
  ])('that was lifted at %s stands: %s', (liftedAt, expected) => {
    expect(isStanding(aBlock(liftedAt))).toBe(expected);
  });

  test.each([
    [undefined, noon + 1, true],
    [noon - 1, noon + 1, true],
    [noon + 10, noon + 9, true],
    [noon + 10, noon + 10, false],
    [noon + 10, noon + 11, false],
  ])('that was lifted at %s blocks what was created at %s: %s', (liftedAt, createdAt, expected) => {
    expect(isBlockedSince(aBlock(liftedAt), epochMs(createdAt))).toBe(expected);
  });
});
