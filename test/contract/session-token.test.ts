// The claims of a session token and of a handshake, exactly, and how long a handshake is kept.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { epochMs } from '../../shared/base/time.ts';
import { factorVerificationAge } from '../../shared/signing/factor-verification-age.ts';
import { signedOutHandshakeOf } from '../../shared/signing/handshake.ts';
import { publicKeyFrom } from '../../shared/signing/public-key.ts';
import { signSessionToken } from '../../shared/signing/session-token.ts';
import { refusal } from '../support/fault-proxy.ts';
import { startFaults } from '../support/faults.ts';
import { testInstance } from '../support/http.ts';
import { decoded } from '../support/tickets.ts';

const { kms } = await startFaults();

const noon = epochMs(1_700_000_000_000);
const noonInSeconds = noon / 1000;
const instance = testInstance();

describe('a session token', () => {
  const session = {
    id: 'sess_2Zwn4c4SnN4HHeTb8EK7pe29iof',
    userId: 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof',
    externalId: undefined,
    actor: { sub: 'support_1' },
    createdAt: epochMs(noon - 120_000),
    expireAt: epochMs(noon + 600_000),
  } as const;
  const claims = async (options = {}, members = {}) =>
    decoded(await signSessionToken({ ...session, ...members }, options, { instance, now: noon })).payload;
  const usual = {
    act: { sub: 'support_1' },
    exp: noonInSeconds + 60,
    fva: [2, -1],
    iat: noonInSeconds,
    iss: instance.frontendApiUrl,
    nbf: noonInSeconds - 10,
    sid: session.id,
    sts: 'active',
    sub: session.userId,
    v: 2,
  };

  test('has these claims', async () => {
    expect(await claims()).toEqual(usual);
  });

  test('has more of them where there is a page, an external id, a mode and another life', async () => {
    const origin = 'https://app.example.com';

    expect(await claims({ origin, mode: 'read_only', lifeInSeconds: 30 }, { externalId: 'customer_1' })).toEqual({
      ...usual,
      act_mode: 'read_only',
      azp: origin,
      exp: noonInSeconds + 30,
      external_id: 'customer_1',
    });
  });

  test('expires with its session', async () => {
    expect(await claims({}, { expireAt: epochMs(noon + 5000) })).toMatchObject({ exp: noonInSeconds + 5 });
  });
});

test.each([
  [-1, 0],
  [0, 0],
  [59_999, 0],
  [60_000, 1],
  [119_999, 1],
  [3_600_000, 60],
])('%d ms after the sign-in, the first factor is %d minutes old', (milliseconds, minutes) => {
  expect(factorVerificationAge(noon, epochMs(noon + milliseconds))).toEqual([minutes, -1]);
});

describe('the handshake of browsers that prove nothing', () => {
  const cookies = ['__client_uat=0'];
  const ages =
    (handshake: (cookies: readonly string[], now: typeof noon) => Promise<string>, first: Promise<string>) =>
    (after: number) =>
      handshake(cookies, epochMs(noon + after)) === first;

  test('is the same for thirty seconds, and expires after a minute', async () => {
    const handshake = signedOutHandshakeOf(testInstance());
    const first = handshake(cookies, noon);
    const isKept = ages(handshake, first);

    expect(decoded(await first).payload).toEqual({ handshake: cookies, iat: noonInSeconds, exp: noonInSeconds + 60 });
    expect([0, 29_999].map(isKept)).toEqual([true, true]);
    expect(isKept(30_000)).toBe(false);
  });

  test('is made anew when the clock has gone back', async () => {
    const handshake = signedOutHandshakeOf(testInstance());
    const isKept = ages(handshake, handshake(cookies, noon));

    expect(isKept(-1)).toBe(false);
  });

  test('is tried again two seconds after a failure', async () => {
    kms.hurt({ operation: 'Sign' }, refusal(400, 'DisabledException'));
    const handshake = signedOutHandshakeOf(testInstance());
    const first = handshake(cookies, noon);
    await expect(first).rejects.toMatchObject({ code: 'service_unavailable' });
    const isKept = ages(handshake, first);

    expect([0, 1999].map(isKept)).toEqual([true, true]);
    const next = handshake(cookies, epochMs(noon + 2000));
    expect(next).not.toBe(first);
    await expect(next).rejects.toMatchObject({ code: 'service_unavailable' });
    kms.heal();
  });
});

test('a public key of KMS is one of RSA', async () => {
  const exported = (key: ReturnType<typeof generateKeyPairSync>['publicKey']) =>
    key.export({ format: 'der', type: 'spki' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  const { n, e } = rsa.export({ format: 'jwk' });

  expect((await publicKeyFrom('one', exported(rsa))).jwk).toMatchObject({ kty: 'RSA', n, e });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  await expect(publicKeyFrom('one', exported(ec))).rejects.toThrow('is not an RSA key');
  await expect(publicKeyFrom('one', undefined)).rejects.toThrow('has no public key');
});
