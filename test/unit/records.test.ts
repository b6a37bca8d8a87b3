// The records: how long they are kept, the attributes of a complete redemption, and the values that a ticket covers.
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from 'vitest';
import type { ActorToken } from '../../shared/actor-tokens/actor-token.ts';
import {
  acceptanceAttributes,
  actorTokenFrom,
  actorTokenItem,
  refusedItem,
} from '../../shared/actor-tokens/actor-token-record.ts';
import { impersonationOf } from '../../shared/actor-tokens/impersonation-record.ts';
import { unsignedTicketOf } from '../../shared/actor-tokens/ticket-of.ts';
import { limits } from '../../shared/base/limits.ts';
import { sha256 } from '../../shared/base/sha256.ts';
import { epochMs } from '../../shared/base/time.ts';
import { clientItem } from '../../shared/clients/client-record.ts';
import { sessionItem } from '../../shared/sessions/session-record.ts';
import { aClientOf, aSession } from '../support/a-session.ts';
import { anActorToken } from '../support/an-actor-token.ts';
import { anInstance } from '../support/an-instance.ts';

const noon = 1_700_000_000_000;
const noonInSeconds = noon / 1000;
const DAY_IN_SECONDS = 86_400;
const instance = anInstance({ AUDIT_RETENTION_DAYS: '30' });
const caller = { sourceIp: '192.0.2.1', userAgent: 'curl' };
const call = {
  instance,
  now: epochMs(noon),
  caller: { ...caller, secretKeyId: 'key_2Zwn4c4SnN4HHeTb8EK7pe29iof' },
} as const;

const token = anActorToken();
const acceptance = {
  at: epochMs(noon + 1000),
  from: '192.0.2.2',
  sessionId: 'sess_2Zwn4c4SnN4HHeTb8EK7pe29iof',
  clientId: 'client_2Zwn4c4SnN4HHeTb8EK7pe29iof',
  clientSecretHash: 'secret',
  ticketSignature: 'signature',
} as const;

describe('the database may delete', () => {
  test('an actor token when the retention has passed since the latest end of its session', () => {
    expect(unmarshall(actorTokenItem(token, call)).ttl).toBe(noonInSeconds + 600 + 1800 + 30 * DAY_IN_SECONDS);
  });

  test('a refused request when the retention has passed', () => {
    expect(unmarshall(refusedItem(token, { cause: 'policy' }, call)).ttl).toBe(noonInSeconds + 30 * DAY_IN_SECONDS);
  });

  test('a session when the retention has passed since its fixed end', () => {
    const session = aSession({}, anActorToken({ createdAt: epochMs(noon + 1000) }));

    expect(unmarshall(sessionItem(session, caller, instance)).ttl).toBe(noonInSeconds + 1 + 1800 + 30 * DAY_IN_SECONDS);
  });

  test('a client a day after its cookie has expired', () => {
    expect(unmarshall(clientItem(aClientOf(aSession()))).ttl).toBe(noonInSeconds + 401 * DAY_IN_SECONDS);
  });
});

describe('a redemption', () => {
  const attributes = acceptanceAttributes({ attempt: 'nonce', caller, now: epochMs(noon) }, acceptance);
  const stored = { ...unmarshall(actorTokenItem(token, call)), ...attributes };

  test('is read as it was written', () => {
    expect(actorTokenFrom(stored).acceptance).toEqual(acceptance);
  });

  test.each(['accepted_at', 'session_id', 'client_id', 'client_secret_hash', 'ticket_signature'])(
    'that lacks %s is none',
    (name) => {
      const { [name]: _missing, ...others } = stored as Readonly<Record<string, unknown>>;

      expect(actorTokenFrom(others).acceptance).toBeUndefined();
    },
  );
});

describe('a stored actor or operator', () => {
  const read = (actor: object, verified?: object) =>
    impersonationOf({ user_id: token.userId, actor: JSON.stringify(actor), verified: JSON.stringify(verified) });

  test('has a sub of up to the limit', () => {
    const sub = 'a'.repeat(limits.actorSubLength);

    expect(read({ sub })?.actor).toEqual({ sub });
  });

  const verified = { iss: 'https://idp.example.com', sub: 'ada', iat: 1 };

  test('is read with the issuer, the subject and the time of the token', () => {
    expect(read({ sub: 'a' }, verified)?.verified).toEqual(verified);
  });

  test.each(['iss', 'sub', 'iat'])('cannot be read without %s', (name) => {
    expect(read({ sub: 'a' }, { ...verified, [name]: undefined })).toBeUndefined();
  });
});

describe('a ticket of an earlier version stays valid, because it covers', () => {
  const common = [token.userId, '{"sub":"support_1"}', 1800, 1];
  const verified = { iss: 'https://idp.example.com', sub: 'ada', iat: 1 };

  test.each<[what: string, members: Partial<ActorToken>, covered: readonly unknown[]]>([
    ['the impersonation', {}, [1, ...common]],
    ['the external id, where there is one', { externalId: 'customer_1' }, [2, ...common, 'customer_1']],
    [
      'the reason and the address, where there is a reason',
      { reason: 'a ticket' },
      [3, ...common, null, null, 'a ticket', '192.0.2.1'],
    ],
    [
      'the operator and the address, where there is one',
      { verified, externalId: 'customer_1' },
      [3, ...common, 'customer_1', JSON.stringify(verified), null, '192.0.2.1'],
    ],
  ])('%s', (_what, members, covered) => {
    const [, payload = ''] = unsignedTicketOf({ ...token, ...members }, instance).signingInput.split('.');
    const { permit } = JSON.parse(Buffer.from(payload, 'base64url').toString());

    expect(Buffer.from(permit, 'base64url').toString('hex')).toBe(sha256(JSON.stringify(covered)));
  });
});
