import type { ActorToken } from '../../shared/actor-tokens/actor-token.ts';
import { epochMs } from '../../shared/base/time.ts';

const noon = epochMs(1_700_000_000_000);

/** A pending actor token that was created at noon, for pure rules. */
export function anActorToken(members: Partial<ActorToken> = {}): ActorToken {
  return {
    id: 'act_2Zwn4c4SnN4HHeTb8EK7pe29iof',
    status: 'pending',
    userId: 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof',
    externalId: undefined,
    verified: undefined,
    reason: undefined,
    rule: undefined,
    createdFrom: '192.0.2.1',
    actor: { sub: 'support_1' },
    expireAt: epochMs(noon + 600_000),
    sessionMaxDurationInSeconds: 1800,
    generation: 1,
    createdAt: noon,
    ticketHash: 'hash',
    updatedAt: noon,
    acceptance: undefined,
    attempt: undefined,
    ...members,
  };
}
