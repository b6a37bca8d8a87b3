// An operator's token of the company's identity provider, in place of the secret key.
import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { routes } from '../../functions/routes.ts';
import type { Operators } from '../../shared/base/operators.ts';
import { Browser } from '../support/browser.ts';
import { pathToNobody } from '../support/every-operation.ts';
import { startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { type Api, startApi, type TestAnswer, testInstance } from '../support/http.ts';
import { startIdentityProvider, type Token } from '../support/identity-provider.ts';
import { everythingStored, itemsWith } from '../support/scan.ts';
import { rememberSecrets } from '../support/secrets.ts';
import { storedItem } from '../support/stored.ts';
import { segment } from '../support/tickets.ts';

const AUDIENCE = 'api://actor-tokens';
/** RFC 7518 section 3.3 requires 2,048 bits. */
const SHORT_KEY = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const { dynamodb, kms } = await startFaults();

let corp: Awaited<ReturnType<typeof startIdentityProvider>>;
let partner: Awaited<ReturnType<typeof startIdentityProvider>>;
let api: Api;

const startWith = (operators: Partial<Operators> = {}) =>
  startApi(testInstance({}, { operators: { required: false, issuers: [corp.configuration], ...operators } }));

beforeAll(async () => {
  corp = await startIdentityProvider(AUDIENCE);
  partner = await startIdentityProvider(AUDIENCE, 'ES256');
  api = startWith();
});

afterAll(async () => {
  await corp.stop();
  await partner.stop();
});

const create = (token: string, body: object, on = api): Promise<TestAnswer> => {
  // The whole run searches what the functions log for it.
  rememberSecrets([token]);
  return on.callBackend('POST', '/v1/actor_tokens', body, { authorization: `Bearer ${token}` });
};

const refusedWith = (title: string) => ({
  status: 401,
  json: { errors: [{ code: 'authentication_invalid', meta: { kind: 'operator_token', title } }] },
});

describe('an operator', () => {
  test('creates an actor token in their own name, which is answered as one of a secret key', async () => {
    const user_id = await aUser();
    const bySecretKey = await api.callBackend('POST', '/v1/actor_tokens', { user_id, actor: { sub: '00u1' } });

    const { status, json } = await create(await corp.token(), { user_id, reason: 'Case 4711' });

    expect(status).toBe(200);
    expect(json).toEqual({ ...bySecretKey.json, ...json });
    expect(Object.keys(json)).toEqual(Object.keys(bySecretKey.json));
    expect(json.actor).toEqual({ sub: '00u1' });
    const { verified, ...item } = (await storedItem('ACTOR_TOKENS', { id: json.id })) ?? {};
    expect(item).toMatchObject({
      created_by: 'operator',
      operator_key: `${corp.issuer} 00u1`,
      reason: 'Case 4711',
    });
    expect(JSON.parse(verified)).toEqual({
      iss: corp.issuer,
      sub: '00u1',
      auth_time: expect.any(Number),
      iat: expect.any(Number),
    });
  });

  test('is in the record of the session, whose tokens have the actor and nothing of the operator', async () => {
    const { json } = await create(await corp.token({ claims: { email: 'mia@example.com', groups: ['support'] } }), {
      user_id: await aUser(),
    });

    const browser = new Browser(api);
    const redeemed = await browser.redeem(json.token);

    const sessionId = redeemed.json.response.created_session_id;
    const verified = JSON.parse((await storedItem('SESSIONS', { id: sessionId }))?.verified);
    expect(verified).toMatchObject({ email: 'mia@example.com', claims: { groups: ['support'] } });
    const { jwt } = (await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).json;
    const claims = JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url').toString());
    expect(claims.act).toEqual({ sub: '00u1' });
    expect(JSON.stringify(claims)).not.toContain('mia@example.com');
  });

  test('may name themselves with more members, and not another actor', async () => {
    const user_id = await aUser();
    const token = await corp.token();

    const own = await create(token, { user_id, actor: { sub: '00u1', iss: corp.issuer, name: 'Mia' } });
    const other = await create(token, { user_id, actor: { sub: 'somebody' } });
    const otherIssuer = await create(token, { user_id, actor: { sub: '00u1', iss: 'https://other.example.com' } });

    expect(own.json.actor).toEqual({ sub: '00u1', iss: corp.issuer, name: 'Mia' });
    const mismatch = {
      status: 403,
      json: { errors: [{ code: 'not_allowed_access', meta: { param_name: 'actor', kind: 'actor_mismatch' } }] },
    };
    expect([other, otherIssuer]).toMatchObject([mismatch, mismatch]);
    const refused = await itemsWith('ACTOR_TOKENS', { user_id, status: 'refused' });
    expect(refused.map(({ refusal }) => refusal)).toEqual(['actor_mismatch', 'actor_mismatch']);
  });

  test('cannot hide that somebody acts as the user', async () => {
    const answer = await create(await corp.token(), {
      user_id: await aUser(),
      actor: { sub: '00u1', type: 'agent' },
    });

    expect(answer).toMatchObject({
      status: 422,
      json: { errors: [{ code: 'form_param_value_invalid', meta: { param_name: 'actor.type' } }] },
    });
  });

  test('revokes an actor token of their own, and finds none of another or of a server', async () => {
    const user_id = await aUser();
    const own = await create(await corp.token(), { user_id });
    const others = await create(await corp.token({ claims: { sub: '00u2' } }), { user_id });
    const servers = await aPendingActorToken();
    const authorization = `Bearer ${await corp.token()}`;
    const revoke = (id: string) =>
      api.callBackend('POST', `/v1/actor_tokens/${id}/revoke`, undefined, { authorization });

    expect(await revoke(own.json.id)).toMatchObject({ status: 200, json: { status: 'revoked' } });
    expect(await revoke(own.json.id)).toMatchObject({ status: 400 });
    expect((await revoke(others.json.id)).status).toBe(404);
    expect((await revoke(servers.id)).status).toBe(404);
    expect(await storedItem('ACTOR_TOKENS', { id: own.json.id })).toMatchObject({ revoked_by: 'operator' });
    expect(await storedItem('ACTOR_TOKENS', { id: others.json.id })).toMatchObject({ status: 'pending' });
  });

  test('may use no other operation of the Backend API', async () => {
    const token = await corp.token();
    const others = routes.filter(
      ({ audience, operation }) =>
        audience === 'backend' && operation !== 'CreateActorToken' && operation !== 'RevokeActorToken',
    );

    for (const { method, path } of others) {
      const answer = await api.callBackend(method, pathToNobody(path), undefined, { authorization: `Bearer ${token}` });
      expect(answer, `${method} ${path}`).toMatchObject({
        status: 401,
        json: { errors: [{ code: 'clerk_key_invalid' }] },
      });
    }
    expect(others.length).toBeGreaterThan(15);
  });

  test('with two issuers is one of two with the same sub, and a block of the sub is for both', async () => {
    const both = startWith({ issuers: [corp.configuration, partner.configuration] });
    const sub = randomUUID();
    const user_id = await aUser();
    const [one, other] = [await corp.token({ claims: { sub } }), await partner.token({ claims: { sub } })];
    const created = await create(one, { user_id }, both);

    const revoked = await both.callBackend('POST', `/v1/actor_tokens/${created.json.id}/revoke`, undefined, {
      authorization: `Bearer ${other}`,
    });
    await both.callBackend('POST', '/v1/blocklist_identifiers', { identifier: sub });

    expect([created.status, revoked.status]).toEqual([200, 404]);
    expect((await create(one, { user_id }, both)).status).toBe(403);
    expect((await create(other, { user_id }, both)).status).toBe(403);
  });

  test('is blocked by the e-mail address also when another claim names them', async () => {
    const email = `${randomUUID()}@example.com`;
    await api.callBackend('POST', '/v1/blocklist_identifiers', { identifier: email });

    const answer = await create(await corp.token({ claims: { email: email.toUpperCase(), sub: randomUUID() } }), {
      user_id: await aUser(),
    });

    expect(answer).toMatchObject({ status: 403, json: { errors: [{ meta: { kind: 'blocked' } }] } });
  });

  test('is named by the configured claim, which must be verified if it is an e-mail address', async () => {
    const byEmail = startWith({ issuers: [{ ...corp.configuration, subject: 'email' }] });
    const user_id = await aUser();
    const of = async (claims: Token) => create(await corp.token({ claims }), { user_id }, byEmail);

    expect((await of({ email: 'mia@example.com', email_verified: true })).json.actor).toEqual({
      sub: 'mia@example.com',
    });
    expect(await of({ email: 'mia@example.com', email_verified: false })).toMatchObject(refusedWith('subject'));
    expect(await of({})).toMatchObject(refusedWith('subject'));
  });
});

describe('a token that is not accepted', () => {
  const now = Math.floor(Date.now() / 1000);
  const hmacWithPublicKey = async () => {
    const secret = Buffer.from(corp.publicKey ? await exportSPKI(corp.publicKey) : '');
    const claims = { iss: corp.issuer, aud: AUDIENCE, sub: '00u1', iat: now, exp: now + 60 };
    return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(secret);
  };
  const ofAnotherKey = async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const claims = { iss: corp.issuer, aud: AUDIENCE, sub: '00u1', iat: now, exp: now + 60 };
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'first' }).sign(privateKey);
  };
  const unsigned = () => {
    const claims = { iss: corp.issuer, aud: AUDIENCE, sub: '00u1', iat: now, exp: now + 60 };
    return `${segment({ alg: 'none' })}.${segment(claims)}.AA`;
  };
  /** The last character of 256 bytes in base64url has four bits without a meaning. They are 0 in the right spelling. */
  const withSpareBits = (token: string) =>
    `${token.slice(0, -1)}${{ A: 'B', Q: 'R', g: 'h', w: 'x' }[token.slice(-1)]}`;
  const changed =
    (claims: Token, header = {}) =>
    () =>
      corp.token({ claims, header });

  test.for<readonly [what: string, title: string, token: () => string | Promise<string>]>([
    ['has no signature', 'algorithm', unsigned],
    ['is signed with the public key as a secret', 'algorithm', hmacWithPublicKey],
    ['is signed with another key', 'signature', ofAnotherKey],
    ['names the key of another issuer', 'signature', changed({}, { kid: 'of-another' })],
    ['is of an unknown issuer', 'issuer', changed({ iss: 'https://evil.example.com' })],
    ['has a slash behind its issuer', 'issuer', () => corp.token({ claims: { iss: `${corp.issuer}/` } })],
    ['has no issuer', 'issuer', changed({ iss: undefined })],
    ['is for others', 'audience', changed({ aud: ['api://other', 'api://third'] })],
    ['is for a part of the audience', 'audience', changed({ aud: 'api://actor' })],
    ['is for nobody', 'audience', changed({ aud: undefined })],
    ['expired six seconds ago', 'expired', changed({ exp: now - 6 })],
    ['never expires', 'expired', changed({ exp: undefined })],
    ['was issued at no time', 'age', changed({ iat: undefined })],
    ['was issued two hours ago', 'age', changed({ iat: now - 7200, exp: now + 60 })],
    ['was issued in the future', 'age', changed({ iat: now + 600, exp: now + 900 })],
    ['is valid later', 'age', changed({ nbf: now + 600 })],
    ['is for logging out', 'type', changed({}, { typ: 'logout+jwt' })],
    ['has no subject', 'subject', changed({ sub: undefined })],
    ['has a subject of control characters', 'subject', changed({ sub: 'a\u0000' })],
    ['is of somebody who acts as another', 'chained', changed({ act: { sub: 'support_1' } })],
    ['is our own ticket', 'issuer', async () => (await aPendingActorToken()).ticket],
    ['is no JSON', 'type', () => 'a.b.c'],
    [
      'has a signature whose last character has other spare bits',
      'type',
      async () => withSpareBits(await corp.token()),
    ],
  ])('%s: %s', async ([, title, token]) => {
    const user_id = await aUser();
    const bearer = await token();
    // The keys of the issuer are read once.
    await create(await corp.token(), { user_id });

    const onKms = await kms.watch(() => dynamodb.watch(() => create(bearer, { user_id })));

    expect(onKms.result.result).toMatchObject(refusedWith(title));
    expect(onKms.result.result.headers['www-authenticate']).toContain('error="invalid_token"');
    expect([...onKms.requests, ...onKms.result.requests]).toEqual([]);
  });

  test('is our own session token', async () => {
    const browser = new Browser(api);
    const { ticket } = await aPendingActorToken();
    const { json } = await browser.redeem(ticket);
    const path = `/v1/client/sessions/${json.response.created_session_id}/tokens`;
    const { jwt } = (await browser.post(path)).json;

    expect(await create(jwt, { user_id: await aUser() })).toMatchObject(refusedWith('issuer'));
  });

  test('is any token, where no issuer is configured', async () => {
    const none = startApi(testInstance());

    const answer = await create(await corp.token(), { user_id: await aUser() }, none);

    expect(answer).toMatchObject({ status: 401, json: { errors: [{ code: 'clerk_key_invalid' }] } });
  });
});

describe('where operators are required', () => {
  const operatorRequired = {
    status: 403,
    json: { errors: [{ code: 'not_allowed_access', meta: { kind: 'operator_required' } }] },
  };

  test('a secret key gets no session token of a session that lives, so it is nobody', async () => {
    const strict = startWith({ required: true });
    const { sessionId } = await aSignedInBrowser();
    const path = `/v1/sessions/${sessionId}/tokens`;

    expect(await strict.callBackend('POST', path)).toMatchObject(operatorRequired);
    expect((await startWith().callBackend('POST', path)).status).toBe(200);
  });

  test('a secret key creates no actor token, and does everything else', async () => {
    const strict = startWith({ required: true });
    const user_id = await aUser();
    const pending = await aPendingActorToken();

    const answer = await strict.callBackend('POST', '/v1/actor_tokens', { user_id, actor: { sub: 'a' } });

    expect(answer).toMatchObject(operatorRequired);
    expect((await strict.callBackend('GET', `/v1/users/${user_id}`)).status).toBe(200);
    expect((await strict.callBackend('POST', `/v1/actor_tokens/${pending.id}/revoke`)).status).toBe(200);
    expect((await create(await corp.token(), { user_id }, strict)).status).toBe(200);
  });
});

describe('the keys of the identity provider', () => {
  const anIdentityProvider = async () => {
    const idp = await startIdentityProvider(AUDIENCE);
    return { idp, own: startWith({ issuers: [idp.configuration] }) };
  };
  const unavailable = { status: 503, headers: { 'retry-after': expect.any(String) } };

  test('are read once, and not again for a hundred tokens of unknown keys', async () => {
    const { idp, own } = await anIdentityProvider();
    const user_id = await aUser();
    await create(await idp.token(), { user_id }, own);
    await create(await idp.token(), { user_id }, own);
    expect(idp.requests).toBe(1);
    const unknown = await idp.token({ header: { kid: 'unknown' } });

    for (let count = 0; count < 100; count += 1) expect((await create(unknown, { user_id }, own)).status).toBe(401);

    expect(idp.requests).toBe(1);
    await idp.stop();
  });

  test.for<readonly [what: string, key: object]>([
    ['is too short', createPublicKey(SHORT_KEY).export({ format: 'jwk' })],
    ['has the exponent 1', { kty: 'RSA', n: 'u'.repeat(342), e: 'AQ' }],
    ['has an exponent of 0 bytes', { kty: 'RSA', n: 'u'.repeat(342), e: '' }],
    ['has no modulus', { kty: 'RSA', e: 'AQAB' }],
    ['has a modulus that is no text', { kty: 'RSA', n: 5, e: 'AQAB' }],
    ['is the secret of an HMAC', { kty: 'oct', k: 'AAAA' }],
    ['is on another curve', { kty: 'EC', crv: 'P-521', x: 'AA', y: 'AA' }],
    ['is not on its curve', { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) }],
    ['is of an unknown type', { kty: 'x' }],
    ['is for encryption', { ...createPublicKey(SHORT_KEY).export({ format: 'jwk' }), use: 'enc' }],
    ['has operations that are no list', { kty: 'RSA', n: 'u'.repeat(342), e: 'AQAB', key_ops: 'verify' }],
  ])('a token that names a key of its issuer that %s is refused, and does not fail', async ([, key]) => {
    const { idp, own } = await anIdentityProvider();
    idp.publishAlso({ ...key, kid: 'unusable' });
    const user_id = await aUser();

    const forgedBy = (alg: string) =>
      create(`${segment({ alg, kid: 'unusable' })}.${segment({ iss: idp.issuer })}.AAAA`, { user_id }, own);

    for (const alg of ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])
      expect(await forgedBy(alg), alg).toMatchObject(refusedWith('signature'));
    expect((await create(await idp.token(), { user_id }, own)).status).toBe(200);
    await idp.stop();
  });

  test('are used while the identity provider is down; without any, the answer is 503 with Retry-After', async () => {
    const { idp, own } = await anIdentityProvider();
    const user_id = await aUser();
    idp.fail(true);
    expect(await create(await idp.token(), { user_id }, own)).toMatchObject(unavailable);
    const requests = idp.requests;
    expect(await create(await idp.token(), { user_id }, own)).toMatchObject(unavailable);
    // It is not asked again at once.
    expect(idp.requests).toBe(requests);

    const fresh = startWith({ issuers: [idp.configuration] });
    idp.fail(false);
    expect((await create(await idp.token(), { user_id }, fresh)).status).toBe(200);
    idp.fail(true);
    expect((await create(await idp.token(), { user_id }, fresh)).status).toBe(200);
    await idp.stop();
  });
});

describe('as time passes, the keys of the identity provider', () => {
  const MINUTE = 60_000;
  const HOUR = 60 * MINUTE;
  const later = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);
  const creating = async (idp: typeof corp, own: Api) => (await create(await idp.token(), { user_id }, own)).status;
  let user_id: string;

  beforeEach(async () => {
    user_id = await aUser();
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('are read again when a token is signed with one that they lack', async () => {
    const idp = await startIdentityProvider(AUDIENCE);
    const own = startWith({ issuers: [idp.configuration] });
    expect(await creating(idp, own)).toBe(200);

    await idp.rotate();
    later(31_000);

    expect(await creating(idp, own)).toBe(200);
    expect(idp.requests).toBe(2);
    await idp.stop();
  });

  test('are used for a day while the identity provider is down, and no longer', async () => {
    const idp = await startIdentityProvider(AUDIENCE);
    const own = startWith({ issuers: [idp.configuration] });
    expect(await creating(idp, own)).toBe(200);
    idp.fail(true);

    later(23 * HOUR);
    expect(await creating(idp, own)).toBe(200);
    later(2 * HOUR);
    expect(await creating(idp, own)).toBe(503);
    await idp.stop();
  });
});

test('a token of 8 KB is accepted, unless the claims to keep are too long: a rule that denies by them must see them', async () => {
  const many = Array.from({ length: 180 }, (_, index) => `group-${index}-${'x'.repeat(20)}`);
  const creating = async (claims: Token) => create(await corp.token({ claims }), { user_id: await aUser() });

  const accepted = await creating({ unconfigured: many, groups: many.slice(0, 50) });

  expect(accepted.status).toBe(200);
  expect(JSON.parse((await storedItem('ACTOR_TOKENS', { id: accepted.json.id }))?.verified)).toMatchObject({
    claims: { groups: many.slice(0, 50) },
  });
  expect(await creating({ groups: many })).toMatchObject(refusedWith('claims'));
  expect(await creating({ amr: many })).toMatchObject(refusedWith('claims'));
});

test("an operator's token is in no item", async () => {
  const token = await corp.token();
  await create(token, { user_id: await aUser() });
  const [, payload = '', signature = ''] = token.split('.');

  const stored = await everythingStored();

  for (const part of [payload, signature]) expect(stored.includes(part)).toBe(false);
});
