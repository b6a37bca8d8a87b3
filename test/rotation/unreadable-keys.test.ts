// KMS does not return one of the keys; the others stay usable.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startKms } from '../../local/aws/kms/kms.ts';
import { type FaultProxy, type Hurt, refusal, startFaultProxy } from '../support/fault-proxy.ts';
import { ENVIRONMENT, functionWith, noon } from './schedule.ts';

const LIFE = 600;
let kms: FaultProxy;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'actor-tokens-keys-'));
  const local = await startKms(directory, ['session-1', 'session-2', 'ticket-1', 'ticket-2']);
  kms = await startFaultProxy(local.endpoint);
  stops.push(kms.stop, local.stop, () => rm(directory, { recursive: true, force: true }));
  Object.assign(process.env, ENVIRONMENT, { AWS_ENDPOINT_URL_KMS: kms.endpoint });
});

afterAll(async () => {
  for (const stop of stops) await stop();
});

let logged: string[];

beforeEach(() => {
  logged = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => logged.push(String(text)) > 0);
});

afterEach(() => {
  vi.restoreAllMocks();
  kms.heal();
});

const publicKeyOf = (number: number) => [
  { operation: 'GetPublicKey', about: `session-${number}` },
  { operation: 'GetPublicKey', about: `ticket-${number}` },
];

function hurt(number: number, status: number, name: string, times = Number.POSITIVE_INFINITY): readonly Hurt[] {
  return publicKeyOf(number).map((which) => kms.hurt({ ...which, times }, refusal(status, name)));
}

describe.each(['AccessDeniedException', 'DisabledException', 'KMSInvalidStateException', 'NotFoundException'])(
  'a key of which KMS says %s',
  (name) => {
    test.each([
      ['published before it may be read', [1, 2], 2],
      ['retired before the functions are replaced', [2, 1], 1],
    ] as const)('an unreadable key does not affect the others: %s', async (_when, list, lost) => {
      hurt(lost, 400, name);
      const { jwksJson, signTicket, verifyTicket } = functionWith(list);

      const { keys } = await jwksJson();

      expect(keys).toHaveLength(1);
      expect(logged.map((line) => JSON.parse(line))).toEqual([
        { level: 'error', message: 'dropped', what: 'verification_key', error: 'ApiError', causes: [name] },
      ]);
      const ticket = await signTicket(noon, LIFE);
      await expect(verifyTicket(ticket, noon)).resolves.toBeDefined();
    });

    test('an unreadable key signs nothing', async () => {
      hurt(2, 400, name);
      const { signTicket, signSessionToken } = functionWith([2, 1]);

      await expect(signTicket(noon, LIFE)).rejects.toMatchObject({ code: 'service_unavailable' });
      await expect(signSessionToken(noon)).rejects.toMatchObject({ code: 'service_unavailable' });
    });

    test('an unreadable key works again ten seconds after it becomes readable', async () => {
      hurt(2, 400, name, 1);
      const { jwksJson } = functionWith([1, 2]);
      const startedAt = performance.now();
      const clock = vi.spyOn(performance, 'now').mockReturnValue(startedAt);

      expect((await jwksJson()).keys).toHaveLength(1);
      clock.mockReturnValue(startedAt + 10_001);
      expect((await jwksJson()).keys).toHaveLength(2);
    });

    test('an unreadable key is fetched, and logged, once in ten seconds, however many requests need it', async () => {
      const { signTicket } = functionWith([1]);
      const forged = `${(await signTicket(noon, LIFE)).slice(0, -20)}${'A'.repeat(20)}`;
      const [, ticketKey] = hurt(2, 400, name);
      const { verifyTicket } = functionWith([2, 1]);

      for (let count = 0; count < 20; count += 1)
        await expect(verifyTicket(forged, noon)).rejects.toMatchObject({ code: 'ticket_invalid_code' });

      expect(ticketKey?.hits).toBe(1);
      expect(logged).toHaveLength(1);
    });
  },
);

test('when no key can be read there is an error, and no empty JWKS', async () => {
  hurt(1, 400, 'DisabledException');
  const { jwksJson } = functionWith([1]);

  await expect(jwksJson()).rejects.toMatchObject({ code: 'service_unavailable' });
});

describe.each([
  ['throttles', 400, 'ThrottlingException', 'too_many_requests'],
  ['fails', 500, 'KMSInternalException', 'service_unavailable'],
] as const)('while KMS %s', (_what, status, name, code) => {
  test('no verifier gets a JWKS that lacks a key', async () => {
    hurt(1, status, name);
    const { jwksJson } = functionWith([2, 1]);

    await expect(jwksJson()).rejects.toMatchObject({ code });
    kms.heal();
    expect((await jwksJson()).keys).toHaveLength(2);
  });

  test('no ticket of a key that cannot be read is called invalid', async () => {
    const { signTicket } = functionWith([1]);
    const ticket = await signTicket(noon, LIFE);
    hurt(1, status, name);
    const { verifyTicket } = functionWith([2, 1]);

    await expect(verifyTicket(ticket, noon)).rejects.toMatchObject({ code });
  });
});
