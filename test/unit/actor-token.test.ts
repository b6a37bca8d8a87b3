import { describe, expect, test } from 'vitest';
import { type ActorToken, isRedeemable, whyNotRedeemable } from '../../shared/actor-tokens/actor-token.ts';
import { epochMs } from '../../shared/base/time.ts';

const noon = 1_700_000_000_000;
const presentation = { hash: 'h', generation: 1, now: epochMs(noon) };

function aToken(members: Partial<ActorToken> = {}): ActorToken {
  return {
    id: 'act_2Zwn4c4SnN4HHeTb8EK7pe29iof',
    status: 'pending',
    userId: 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof',
    actor: { sub: 'support_1' },
    ticketHash: 'h',
    expireAt: epochMs(noon + 1),
    sessionMaxDurationInSeconds: 1800,
    generation: 1,
    createdAt: epochMs(noon - 1),
    updatedAt: epochMs(noon - 1),
    sessionId: undefined,
    attempt: undefined,
    ...members,
  };
}

test('a pending token can be redeemed until its end', () => {
  expect(isRedeemable(aToken(), presentation)).toBe(true);
});

describe('a token cannot be redeemed', () => {
  const past = { expireAt: epochMs(noon) };

  test.each([
    ['that does not exist', undefined, 'ticket_invalid_code'],
    ['of another generation', aToken({ generation: 2 }), 'ticket_invalid_code'],
    ['of another ticket', aToken({ ticketHash: 'i' }), 'ticket_invalid_code'],
    ['at its end', aToken(past), 'ticket_expired_code'],
    ['that was revoked', aToken({ status: 'revoked' }), 'actor_token_revoked_code'],
    ['that was accepted', aToken({ status: 'accepted' }), 'actor_token_already_used_code'],
    ['that was accepted and is past its end', aToken({ status: 'accepted', ...past }), 'actor_token_already_used_code'],
    ['of another ticket that was accepted', aToken({ status: 'accepted', ticketHash: 'i' }), 'ticket_invalid_code'],
  ] as const)('a token cannot be redeemed %s', (_, token, code) => {
    expect(isRedeemable(token, presentation)).toBe(false);
    expect(whyNotRedeemable(token, presentation)).toBe(code);
  });
});
