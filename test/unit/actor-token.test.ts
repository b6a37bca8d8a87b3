import { describe, expect, test } from 'vitest';
import type { ActorToken } from '../../shared/actor-tokens/actor-token.ts';
import { isRedeemable, notRedeemableError } from '../../shared/actor-tokens/presentation.ts';
import { unsignedTicketOf } from '../../shared/actor-tokens/ticket-of.ts';
import { epochMs } from '../../shared/base/time.ts';
import { anActorToken } from '../support/an-actor-token.ts';
import { anInstance } from '../support/an-instance.ts';

const noon = 1_700_000_000_000;
const instance = anInstance();

const times = { expireAt: epochMs(noon + 1000), createdAt: epochMs(noon - 1000), updatedAt: epochMs(noon - 1000) };
const { hash } = unsignedTicketOf(anActorToken(times), instance);
const presentation = { hash, instance, now: epochMs(noon) };

const aToken = (members: Partial<ActorToken> = {}) => anActorToken({ ...times, ticketHash: hash, ...members });

test('a pending token can be redeemed until its end', () => {
  expect(isRedeemable(aToken(), presentation)).toBe(true);
});

describe('a token cannot be redeemed', () => {
  test.each([
    ['that does not exist', undefined, 'ticket_invalid_code'],
    ['of another generation', aToken({ generation: 2 }), 'ticket_invalid_code'],
    ['of another ticket', aToken({ ticketHash: 'i' }), 'ticket_invalid_code'],
    ['that was revoked', aToken({ status: 'revoked' }), 'actor_token_revoked_code'],
    ['that was accepted', aToken({ status: 'accepted' }), 'actor_token_already_used_code'],
    ['for another user', aToken({ userId: 'user_2Zwn4c4SnN4HHeTb8EK7pe29iog' }), 'ticket_invalid_code'],
    ['for a user of another external id', aToken({ externalId: 'customer_1' }), 'ticket_invalid_code'],
    ['by another actor', aToken({ actor: { sub: 'support_2' } }), 'ticket_invalid_code'],
    ['by the same actor in other words', aToken({ actor: { sub: 'support_1', name: 'A' } }), 'ticket_invalid_code'],
    ['for a longer session', aToken({ sessionMaxDurationInSeconds: 86_400 }), 'ticket_invalid_code'],
    ['after its ticket has expired', aToken({ expireAt: epochMs(noon + 3_600_000) }), 'ticket_invalid_code'],
    ['that was created at another time', aToken({ createdAt: epochMs(noon) }), 'ticket_invalid_code'],
    ['of another ticket that was accepted', aToken({ status: 'accepted', ticketHash: 'i' }), 'ticket_invalid_code'],
  ] as const)('a token cannot be redeemed %s', (_, token, code) => {
    expect(isRedeemable(token, presentation)).toBe(false);
    expect(notRedeemableError(token, presentation).code).toBe(code);
  });

  test.each([
    ['pending', 'ticket_expired_code'],
    ['accepted', 'actor_token_already_used_code'],
  ] as const)('a token cannot be redeemed at its end when it is %s', (status, code) => {
    const atItsEnd = { ...presentation, now: times.expireAt };
    expect(isRedeemable(aToken({ status }), atItsEnd)).toBe(false);
    expect(notRedeemableError(aToken({ status }), atItsEnd).code).toBe(code);
  });
});
