// The public keys of an identity provider: how long they are kept, when they are read again, and which are too weak.
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { errors, type JWTHeaderParameters } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { epochMs } from '../../shared/base/time.ts';
import { identityProvidersOf } from '../../shared/operators/issuer-keys.ts';
import { anInstance } from '../support/an-instance.ts';
import { noon, setClock, startAtNoon } from '../support/clock.ts';
import { startIdentityProvider } from '../support/identity-provider.ts';

const TEN_MINUTES = 600_000;
const HALF_A_MINUTE = 30_000;
const DAY = 86_400_000;

startAtNoon();

/** Starts an identity provider, and returns it with a search of its keys at a time after noon. */
async function start(alg = 'RS256') {
  const idp = await startIdentityProvider('api', alg);
  onTestFinished(idp.stop);
  const operators = { required: false, issuers: [idp.configuration] };
  const provider = identityProvidersOf(anInstance({}, { operators })).get(idp.issuer);
  const find = async (after: number, header: Partial<JWTHeaderParameters> = {}) => {
    setClock(noon + after);
    const found = await provider
      ?.keysAt(epochMs(noon + after))({ alg, kid: 'first', ...header }, { payload: '', signature: '' })
      .catch((error: { code: string }) => error.code);
    return typeof found === 'string' ? found : found?.type;
  };
  return { idp, find };
}

const NO_MATCH = errors.JWKSNoMatchingKey.code;
const unknown = { kid: 'unknown' };

describe('the keys that were read', () => {
  test('are kept for ten minutes', async () => {
    const { idp, find } = await start();

    expect([await find(0), await find(TEN_MINUTES - 1)]).toEqual(['public', 'public']);
    expect(idp.requests).toBe(1);
    expect(await find(TEN_MINUTES)).toBe('public');
    expect(idp.requests).toBe(2);
  });

  test('are read again for a key that they lack, every thirty seconds at most', async () => {
    const { idp, find } = await start();
    await find(0);

    expect(await find(HALF_A_MINUTE - 1, unknown)).toBe(NO_MATCH);
    expect(idp.requests).toBe(1);
    expect(await find(HALF_A_MINUTE, unknown)).toBe(NO_MATCH);
    expect(idp.requests).toBe(2);
  });

  test('are used while they cannot be read, for a day', async () => {
    const { idp, find } = await start();
    await find(0);
    idp.fail(true);

    expect(await find(DAY)).toBe('public');
    expect(await find(DAY + 1)).toBe('service_unavailable');
  });

  test('are asked for thirty seconds after a failure, and not before, in either direction of the clock', async () => {
    const { idp, find } = await start();
    await find(0);
    idp.fail(true);

    await find(TEN_MINUTES + HALF_A_MINUTE);
    expect(idp.requests).toBe(2);
    for (const after of [TEN_MINUTES + HALF_A_MINUTE, TEN_MINUTES + 1, TEN_MINUTES + 2 * HALF_A_MINUTE - 1])
      expect(await find(after)).toBe('public');
    expect(idp.requests).toBe(2);
    await find(TEN_MINUTES + 2 * HALF_A_MINUTE);
    expect(idp.requests).toBe(3);
  });

  test('are over at the end of the ten minutes', async () => {
    const { idp, find } = await start();
    await find(0);
    idp.fail(true);

    await find(TEN_MINUTES);
    await find(TEN_MINUTES);
    expect(idp.requests).toBe(2);
  });

  test('decide nothing about a key that they lack while they cannot be read', async () => {
    const { idp, find } = await start();
    await find(0);
    idp.fail(true);

    expect(await find(HALF_A_MINUTE, unknown)).toBe('service_unavailable');
    expect(await find(HALF_A_MINUTE, unknown)).toBe('service_unavailable');
    // They are fresh, so the failure says nothing about the next request.
    expect(idp.requests).toBe(3);
    expect(await find(HALF_A_MINUTE)).toBe('public');
    expect(await find(TEN_MINUTES, unknown)).toBe('service_unavailable');
  });

  test('are not there before they could be read', async () => {
    const { idp, find } = await start();
    idp.fail(true);

    expect(await find(0)).toBe('service_unavailable');
    expect(await find(0)).toBe('service_unavailable');
    expect(idp.requests).toBe(1);
  });
});

describe('a key', () => {
  const publicKey = (options: { modulusLength: number; publicExponent?: number }) =>
    createPublicKey(generateKeyPairSync('rsa', options).privateKey).export({ format: 'jwk' });

  test.each<[what: string, jwk: object, expected: string]>([
    ['of RSA with 2,048 bits is used', publicKey({ modulusLength: 2048 }), 'public'],
    ['of RSA with the exponent 3 is used', publicKey({ modulusLength: 2048, publicExponent: 3 }), 'public'],
    ['of RSA with fewer bits is not', publicKey({ modulusLength: 2040 }), NO_MATCH],
    ['of RSA with the exponent 1 is not', { ...publicKey({ modulusLength: 2048 }), e: 'AQ' }, NO_MATCH],
  ])('%s', async (_, jwk, expected) => {
    const { idp, find } = await start();
    idp.publishAlso({ ...jwk, kid: 'second' });

    expect(await find(0, { kid: 'second' })).toBe(expected);
  });

  test('of an elliptic curve is used', async () => {
    const { find } = await start('ES256');

    expect(await find(0)).toBe('public');
  });

  test('that is not named is none where several match, and is none of an algorithm without public keys', async () => {
    const { idp, find } = await start();
    idp.publishAlso({ ...publicKey({ modulusLength: 2048 }), kid: 'second', alg: 'RS256', use: 'sig' });

    expect(await find(0, { kid: undefined as never })).toBe(errors.JWKSMultipleMatchingKeys.code);
    expect(await find(0, { alg: 'HS256' })).toBe(errors.JOSENotSupported.code);
  });
});
