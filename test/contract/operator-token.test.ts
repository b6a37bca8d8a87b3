// The claims of an operator's token at their boundaries, and what the record keeps of them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../shared/base/limits.ts';
import { epochMs } from '../../shared/base/time.ts';
import { verifyOperator } from '../../shared/operators/verified-operator.ts';
import { anInstance } from '../support/an-instance.ts';
import { noon, startAtNoon } from '../support/clock.ts';
import { startIdentityProvider, type Token } from '../support/identity-provider.ts';
import { segment } from '../support/tickets.ts';

const noonInSeconds = noon / 1000;

startAtNoon();

let idp: Awaited<ReturnType<typeof startIdentityProvider>>;
let instance: ReturnType<typeof anInstance>;

beforeAll(async () => {
  idp = await startIdentityProvider('api');
  instance = anInstance({}, { operators: { required: false, issuers: [idp.configuration] } });
});
afterAll(() => idp.stop());

const verify = (token: string) => verifyOperator(token, { instance, now: epochMs(noon) });
const faultOf = async (token: string) =>
  verify(token).then(
    () => 'accepted',
    (error: { items: readonly [{ meta: { title: string } }] }) => error.items[0].meta.title,
  );
const faultWith = async (claims: Token) => faultOf(await idp.token({ claims }));

describe('a token', () => {
  test.each([
    ['issued an hour and five seconds ago', { iat: noonInSeconds - 3605 }, 'accepted'],
    ['issued a second before that', { iat: noonInSeconds - 3606 }, 'age'],
    ['issued in five seconds', { iat: noonInSeconds + 5 }, 'accepted'],
    ['issued in six seconds', { iat: noonInSeconds + 6 }, 'age'],
    ['that has expired four seconds ago', { exp: noonInSeconds - 4 }, 'accepted'],
    ['that has expired five seconds ago', { exp: noonInSeconds - 5 }, 'expired'],
    ['that expires at the last safe number', { exp: Number.MAX_SAFE_INTEGER }, 'accepted'],
    ['that expires after it', { exp: Number.MAX_SAFE_INTEGER + 1 }, 'expired'],
  ])('%s is %s', async (_, claims, expected) => {
    expect(await faultWith(claims)).toBe(expected);
  });

  test.each([
    ['whose header is no JSON', `AAAA.${segment({})}.AAAA`],
    ['whose payload is no JSON', `${segment({ alg: 'RS256' })}.AAAA.AAAA`],
    ['whose payload is a list', `${segment({ alg: 'RS256' })}.${segment([])}.AAAA`],
  ])('%s is refused for its type', async (_, token) => {
    expect(await faultOf(token)).toBe('type');
  });
});

describe('the record', () => {
  const kept = async (claims: Token) => (await verify(await idp.token({ claims }))).verified;
  const usual = () => ({ iss: idp.issuer, sub: '00u1', auth_time: noonInSeconds - 60, iat: noonInSeconds });

  test('has what every token has, and nothing else', async () => {
    expect(await kept({})).toStrictEqual(usual());
    expect(await kept({ jti: '', acr: 7, amr: [], groups: [], other: 'a', email: '' })).toStrictEqual(usual());
  });

  test('has the claims that a token adds', async () => {
    const claims = {
      acr: 'mfa',
      amr: ['pwd'],
      jti: 'one',
      email: 'mia@example.com',
      groups: ['support'],
      tenant: 't1',
    };
    const { groups, ...others } = claims;
    const { tenant, ...rest } = others;

    expect(await kept(claims)).toStrictEqual({ ...usual(), ...rest, claims: { groups, tenant: [tenant] } });
  });

  test.each([1.5, '1', 1e300, null])('has no time of the sign-in where it is %j', async (auth_time) => {
    const { auth_time: _, ...others } = usual();

    expect(await kept({ auth_time })).toStrictEqual(others);
  });

  test('has up to 2,000 bytes of claims', async () => {
    const groupOf = (bytes: number) => ({
      groups: ['g'.repeat(bytes - JSON.stringify({ claims: { groups: [''] }, amr: [] }).length)],
    });

    expect(await kept(groupOf(limits.verifiedClaimsBytes))).toHaveProperty('claims');
    expect(await faultWith(groupOf(limits.verifiedClaimsBytes + 1))).toBe('claims');
  });
});
