import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { limits } from '../../shared/base/limits.ts';
import { epochMs } from '../../shared/base/time.ts';
import { verifyTicket } from '../../shared/signing/ticket.ts';
import { Browser } from '../support/browser.ts';
import { noon, setClock, startAtNoon } from '../support/clock.ts';
import { aPendingActorToken, aSignedInBrowser, type GivenActorToken } from '../support/given.ts';
import { call, callBackend, testInstance } from '../support/http.ts';
import { outcome, refusal, summary } from '../support/refusal.ts';
import { everythingStored, itemsWith } from '../support/scan.ts';
import { storedItem, storeItem } from '../support/stored.ts';
import { decoded, type Members, segment, signedJwt, TICKET_HEADER, ticketKey } from '../support/tickets.ts';

startAtNoon();

const { instanceId, environment } = inject('stack');
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const invalid = refusal(400, 'ticket_invalid_code');

function partsOf(ticket: string): [header: string, payload: string, signature: string] {
  const [header = '', payload = '', signature = ''] = ticket.split('.');
  return [header, payload, signature];
}

/** Expects that sign-in and link refuse the forgery, that the referenced token does not change, and that its real ticket still works. */
async function expectRefused(forged: string, { id, ticket }: GivenActorToken): Promise<void> {
  const before = await storedItem('ACTOR_TOKENS', { id });

  const answer = await new Browser().redeem(forged);
  const link = await call({ path: `/v1/tickets/accept?ticket=${encodeURIComponent(forged)}` });

  expect(outcome(answer)).toEqual(invalid);
  expect(answer.cookies).toEqual([]);
  expect(summary(link)).toBe('400 ticket_invalid_code');
  expect(await storedItem('ACTOR_TOKENS', { id })).toEqual(before);
  expect((await new Browser().redeem(ticket)).status).toBe(200);
}

test('a ticket is stored nowhere, and no part of it while it is pending', async () => {
  const { ticket } = await aPendingActorToken();
  const { ticket: redeemed, browser } = await aSignedInBrowser();

  const stored = await everythingStored();

  for (const each of [ticket, redeemed]) {
    expect(stored).not.toContain(each);
    expect(stored).not.toContain(partsOf(each)[1]);
  }
  expect(stored).not.toContain(partsOf(ticket)[2]);
  expect(stored).not.toContain(browser.cookie('__Host-client')?.split('.')[1]);
});

test('any other character anywhere in a ticket makes it invalid, and the real one stays pending', async () => {
  const { id, ticket } = await aPendingActorToken();

  await fc.assert(
    fc.asyncProperty(
      fc.nat(ticket.length - 1),
      fc.constantFrom(...ALPHABET, '.', '=', '+', '/', ' '),
      async (at, other) => {
        fc.pre(ticket[at] !== other);
        const answer = await new Browser().redeem(`${ticket.slice(0, at)}${other}${ticket.slice(at + 1)}`);
        expect(outcome(answer)).toEqual(invalid);
      },
    ),
    { numRuns: 250 },
  );

  expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending', updated_at: noon });
  expect((await new Browser().redeem(ticket)).status).toBe(200);
});

test('any flipped bit of the bytes behind a ticket makes it invalid', async () => {
  const { id, ticket } = await aPendingActorToken();
  const parts = partsOf(ticket).map((part) => Buffer.from(part, 'base64url'));

  await fc.assert(
    fc.asyncProperty(fc.nat(2), fc.nat(), fc.nat(7), async (part, at, bit) => {
      const bytes = parts.map((each) => Buffer.from(each));
      const changed = bytes[part] ?? Buffer.alloc(0);
      const position = at % changed.length;
      changed[position] = (changed[position] ?? 0) ^ (1 << bit);
      const answer = await new Browser().redeem(bytes.map((each) => each.toString('base64url')).join('.'));
      expect(outcome(answer)).toEqual(invalid);
    }),
    { numRuns: 150 },
  );

  expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
});

describe('a ticket has one spelling', () => {
  /** The last base64url character of 256 bytes has two bits without a meaning. */
  const withSpareBits = (part: string) => {
    const last = ALPHABET.indexOf(part.at(-1) ?? '');
    return `${part.slice(0, -1)}${ALPHABET[last ^ 1]}`;
  };
  const otherAlphabet = (part: string) => part.replaceAll('-', '+').replaceAll('_', '/');

  test.each<[what: string, spelled: (ticket: string) => string]>([
    ['with padding behind the signature', (ticket) => `${ticket}==`],
    ['with padding behind the header', (ticket) => partsOf(ticket).join('=.')],
    [
      'in the other alphabet of base64',
      (ticket) => [partsOf(ticket)[0], ...partsOf(ticket).slice(1).map(otherAlphabet)].join('.'),
    ],
    [
      'with spare bits set in the signature',
      (ticket) => [...partsOf(ticket).slice(0, 2), withSpareBits(partsOf(ticket)[2])].join('.'),
    ],
    ['with a space in front', (ticket) => ` ${ticket}`],
    ['with a space behind', (ticket) => `${ticket} `],
    ['with a line feed behind', (ticket) => `${ticket}\n`],
    ['with a line feed inside', (ticket) => `${ticket.slice(0, 80)}\n${ticket.slice(80)}`],
    ['with a NUL behind', (ticket) => `${ticket}\u0000`],
    ['with a fourth part', (ticket) => `${ticket}.`],
    ['with a part in front', (ticket) => `.${ticket}`],
    ['without its signature', (ticket) => `${partsOf(ticket).slice(0, 2).join('.')}.`],
    ['without its signature and dot', (ticket) => partsOf(ticket).slice(0, 2).join('.')],
    ['without its payload', (ticket) => `${partsOf(ticket)[0]}..${partsOf(ticket)[2]}`],
    ['twice', (ticket) => `${ticket}${ticket}`],
    ['twice, with a comma', (ticket) => `${ticket},${ticket}`],
    ['with a longer signature', (ticket) => `${ticket}AAAA`],
    ['with a shorter signature', (ticket) => ticket.slice(0, -4)],
    [
      'with a zero byte before the signature',
      (ticket) => {
        const [header, payload, signature] = partsOf(ticket);
        return `${header}.${payload}.${Buffer.concat([Buffer.alloc(1), Buffer.from(signature, 'base64url')]).toString('base64url')}`;
      },
    ],
    ['as a link', (ticket) => `https://example.com/?ticket=${ticket}`],
  ])('a ticket has one spelling: it is invalid %s', async (_, spelled) => {
    const given = await aPendingActorToken();
    const forged = spelled(given.ticket);

    expect(forged).not.toBe(given.ticket);
    await expectRefused(forged, given);
  });

  test('a ticket with spare bits set in its claims is invalid, though rightly signed', async () => {
    const given = await aPendingActorToken();
    const claims = JSON.stringify(decoded(given.ticket).payload);
    // White space makes a length whose last base64url character has bits without a meaning.
    const padded = segment(claims.padEnd(claims.length + ((4 - (claims.length % 3)) % 3)));
    const input = `${partsOf(given.ticket)[0]}.${withSpareBits(padded)}`;

    const forged = `${input}.${sign('sha256', Buffer.from(input), ticketKey()).toString('base64url')}`;

    await expectRefused(forged, given);
  });

  test.each([['4096 bytes'], ['a million bytes']])('no text of %s is a ticket', async (size) => {
    const answer = await new Browser().redeem('x'.repeat(size === '4096 bytes' ? 4096 : 60_000));

    expect(outcome(answer)).toEqual(invalid);
  });
});

describe('a ticket is only what the instance signed with its ticket key', () => {
  const forgeries: readonly [what: string, forge: (payload: Members, ticket: string) => string | Promise<string>][] = [
    ['alg none without a signature', (payload) => `${segment({ alg: 'none', typ: 'JWT' })}.${segment(payload)}.`],
    [
      'alg none with the real signature',
      (payload, ticket) => `${segment({ alg: 'none', typ: 'JWT' })}.${segment(payload)}.${partsOf(ticket)[2]}`,
    ],
    ['alg None', (payload) => `${segment({ alg: 'None', typ: 'JWT' })}.${segment(payload)}.`],
    ['HS256 with the public key as secret', (payload) => hmac(payload, publicPem())],
    [
      'HS256 with the public key in DER',
      (payload) => hmac(payload, createPublicKey(ticketKey()).export({ format: 'der', type: 'spki' })),
    ],
    ['HS256 with an empty secret', (payload) => hmac(payload, '')],
    ['another key', (payload) => signedJwt(payload, TICKET_HEADER, anotherKey())],
    [
      'another key that comes along',
      (payload) => {
        const key = anotherKey();
        return signedJwt(payload, { ...TICKET_HEADER, jwk: createPublicKey(key).export({ format: 'jwk' }) }, key);
      },
    ],
    [
      'the claims signed as a session token',
      async (payload, ticket) => {
        const { browser, sessionId } = await aSignedInBrowser();
        const { json } = await browser.post(`/v1/client/sessions/${sessionId}/tokens`);
        return `${partsOf(ticket)[0]}.${segment(payload)}.${partsOf(json.jwt)[2]}`;
      },
    ],
    [
      'a session token',
      async () => {
        const { browser, sessionId } = await aSignedInBrowser();
        return (await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).json.jwt;
      },
    ],
    [
      'the signature of another ticket',
      async (payload, ticket) => {
        const other = await aPendingActorToken();
        return `${partsOf(ticket)[0]}.${segment(payload)}.${partsOf(other.ticket)[2]}`;
      },
    ],
    [
      'a signature of zeros',
      (payload, ticket) => `${partsOf(ticket)[0]}.${segment(payload)}.${Buffer.alloc(256).toString('base64url')}`,
    ],
    [
      'a signature of ones',
      (payload, ticket) => `${partsOf(ticket)[0]}.${segment(payload)}.${Buffer.alloc(256, 255).toString('base64url')}`,
    ],
  ];

  test.each(forgeries)('a ticket is only what the ticket key signed, not %s', async (_, forge) => {
    const given = await aPendingActorToken();

    const forged = await forge(decoded(given.ticket).payload, given.ticket);

    await expectRefused(forged, given);
  });

  const headers: readonly [what: string, header: Members][] = [
    ['another typ', { alg: 'RS256', typ: 'at+jwt' }],
    ['typ in lower case', { alg: 'RS256', typ: 'jwt' }],
    ['no typ', { alg: 'RS256' }],
    ['another order', { typ: 'JWT', alg: 'RS256' }],
    ['RS512', { alg: 'RS512', typ: 'JWT' }],
    ['PS256', { alg: 'PS256', typ: 'JWT' }],
    ['rs256', { alg: 'rs256', typ: 'JWT' }],
    ['a list of algorithms', { alg: ['RS256'], typ: 'JWT' }],
    ['kid', { ...TICKET_HEADER, kid: '../../dev/null' }],
    ['crit', { ...TICKET_HEADER, crit: ['exp'], exp: 1 }],
    ['b64', { ...TICKET_HEADER, b64: false, crit: ['b64'] }],
    ['jku', { ...TICKET_HEADER, jku: 'https://evil.example/jwks.json' }],
    ['x5u', { ...TICKET_HEADER, x5u: 'https://evil.example/cert.pem' }],
    ['zip', { ...TICKET_HEADER, zip: 'DEF' }],
    ['cty', { ...TICKET_HEADER, cty: 'JWT' }],
    ['the cat of session tokens', { ...TICKET_HEADER, cat: 'cl_B7d4PD111AAA' }],
  ];

  test.each(headers)('a ticket with %s in its header is invalid, though rightly signed', async (_, header) => {
    const given = await aPendingActorToken();

    const forged = signedJwt(decoded(given.ticket).payload, header);

    await expectRefused(forged, given);
  });

  const changes: readonly [what: string, change: Members][] = [
    ['another instance', { iid: 'ins_26EckttNrCja7a6POLH55CAPifd' }],
    ['no instance', { iid: undefined }],
    ['the instance in a list', { iid: [instanceId] }],
    ['another source type', { st: 'sign_in_token' }],
    ['no source type', { st: undefined }],
    ['an unknown sid', { sid: 'act_2Zwn4c4SnN4HHeTb8EK7pe29iof' }],
    ['a sid of another kind', { sid: 'sit_26Ed5ZqqJcOjRwecRQij2ZovDdG' }],
    ['no sid', { sid: undefined }],
    ['a sid too long for a key', { sid: `act_${'a'.repeat(2100)}` }],
    ['a later exp', { exp: noon / 1000 + 3601 }],
    ['a much later exp', { exp: noon / 1000 + 86_400_000 }],
    ['an exp in a string', { exp: String(noon / 1000 + 3600) }],
    ['an exp with a fraction', { exp: noon / 1000 + 3600.5 }],
    ['no exp', { exp: undefined }],
    ['exp null', { exp: null }],
    ['a negative exp', { exp: -1 }],
    ['another eis', { eis: 7200 }],
    ['eis by its old name', { eis: undefined, ExpiresInSeconds: 3600 }],
    ['a claim more', { sub: 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof' }],
  ];

  test.each(changes)('a ticket with %s is invalid, though rightly signed', async (_, change) => {
    const given = await aPendingActorToken();

    const forged = signedJwt({ ...decoded(given.ticket).payload, ...change });

    await expectRefused(forged, given);
  });

  test('a ticket has up to 4,096 characters', async () => {
    const { payload } = decoded((await aPendingActorToken()).ticket);
    const ticketOf = (filler: number) => signedJwt({ ...payload, filler: 'x'.repeat(filler) });
    const longest = ticketOf(Math.floor(((limits.ticketBytes - ticketOf(0).length) * 3) / 4));
    const verify = (ticket: string) => verifyTicket(ticket, { instance: testInstance(), now: epochMs(Date.now()) });

    expect(longest).toHaveLength(limits.ticketBytes);
    expect(await verify(longest)).toMatchObject({ actorTokenId: payload.sid });
    const tooLong = ticketOf(limits.ticketBytes);
    await expect(verify(tooLong)).rejects.toMatchObject({ code: 'ticket_invalid_code' });
  });

  test('a ticket that expired in 1970 has expired, though rightly signed', async () => {
    const given = await aPendingActorToken();
    const forged = signedJwt({ ...decoded(given.ticket).payload, exp: 0 });

    expect(summary(await new Browser().redeem(forged))).toBe('400 ticket_expired_code');
  });

  test.each<[what: string, text: (payload: Members) => string]>([
    ['in another order', ({ st, ...rest }) => JSON.stringify({ st, ...rest })],
    ['with white space', (payload) => JSON.stringify(payload, undefined, 1)],
    [
      'with a member twice',
      (payload) => JSON.stringify(payload).replace('{', '{"sid":"act_2Zwn4c4SnN4HHeTb8EK7pe29iof",'),
    ],
    ['in a list', (payload) => `[${JSON.stringify(payload)}]`],
    ['of null', () => 'null'],
    ['of no JSON', () => '{"exp":'],
    ['of nothing', () => ''],
    ['of 1e400', (payload) => JSON.stringify({ ...payload, exp: 0 }).replace('"exp":0', '"exp":1e400')],
  ])('a ticket with claims %s is invalid, though rightly signed', async (_, text) => {
    const given = await aPendingActorToken();

    const forged = signedJwt(text(decoded(given.ticket).payload));

    await expectRefused(forged, given);
  });

  test('the same claims signed again are the same ticket', async () => {
    const { ticket } = await aPendingActorToken();

    const signedAnew = signedJwt(decoded(ticket).payload);

    expect(signedAnew).toBe(ticket);
  });
});

describe('a ticket expires', () => {
  test.each([
    [59_999, '200'],
    [60_000, '400 ticket_expired_code'],
    [60_001, '400 ticket_expired_code'],
  ])('a ticket expires after its whole seconds: at %i ms of 60 s it is answered with %s', async (after, expected) => {
    const { ticket, id } = await aPendingActorToken({ expires_in_seconds: 60 });
    setClock(noon + after);

    const answer = await new Browser().redeem(ticket);

    expect(summary(answer)).toBe(expected);
    expect((await storedItem('ACTOR_TOKENS', { id }))?.status).toBe(expected === '200' ? 'accepted' : 'pending');
  });

  test('a ticket expires also when its record has a later end', async () => {
    const { ticket, id } = await aPendingActorToken({ expires_in_seconds: 60 });
    await storeItem('ACTOR_TOKENS', { ...(await storedItem('ACTOR_TOKENS', { id })), expire_at: noon + 999_999_000 });
    setClock(noon + 60_000);

    const answer = await new Browser().redeem(ticket);

    expect(outcome(answer)).toEqual(refusal(400, 'ticket_expired_code'));
  });

  test('a ticket whose record has another end than the ticket is invalid', async () => {
    const { ticket, id } = await aPendingActorToken();
    await storeItem('ACTOR_TOKENS', { ...(await storedItem('ACTOR_TOKENS', { id })), expire_at: noon });

    const answer = await new Browser().redeem(ticket);

    expect(outcome(answer)).toEqual(invalid);
  });
});

describe('of several reasons the first is named: signature, expiry, status', () => {
  test('a forged ticket that has also expired is invalid', async () => {
    const { ticket } = await aPendingActorToken({ expires_in_seconds: 1 });
    setClock(noon + 10_000);

    const answer = await new Browser().redeem(`${ticket.slice(0, -10)}${'A'.repeat(10)}`);

    expect(outcome(answer)).toEqual(invalid);
  });

  test('a used ticket that has also expired has expired', async () => {
    const { ticket } = await aSignedInBrowser({ expires_in_seconds: 1 });
    setClock(noon + 10_000);

    const answer = await new Browser().redeem(ticket);

    expect(outcome(answer)).toEqual(refusal(400, 'ticket_expired_code'));
  });

  test('a revoked ticket that has also expired has expired', async () => {
    const { ticket, id } = await aPendingActorToken({ expires_in_seconds: 1 });
    await callBackend('POST', `/v1/actor_tokens/${id}/revoke`);
    setClock(noon + 10_000);

    const answer = await new Browser().redeem(ticket);

    expect(outcome(answer)).toEqual(refusal(400, 'ticket_expired_code'));
  });

  test('a revoked ticket of a deleted user has been revoked', async () => {
    const { ticket, id, userId } = await aPendingActorToken();
    await callBackend('POST', `/v1/actor_tokens/${id}/revoke`);
    await callBackend('DELETE', `/v1/users/${userId}`);

    const answer = await new Browser().redeem(ticket);

    expect(outcome(answer)).toEqual(refusal(400, 'actor_token_revoked_code'));
  });
});

describe('the record behind a ticket decides', () => {
  test.each([
    ['is gone', undefined, 'ticket_invalid_code'],
    ['is of another generation', { generation: Number(environment.GENERATION) + 1 }, 'ticket_invalid_code'],
    ['holds the hash of another ticket', { ticket_hash: '0'.repeat(64) }, 'ticket_invalid_code'],
  ] as const)('a ticket whose record %s is invalid', async (_, change, code) => {
    const { ticket, id } = await aPendingActorToken();
    const stored = await storedItem('ACTOR_TOKENS', { id });
    const otherTicket = change
      ? ticket
      : signedJwt({ ...decoded(ticket).payload, sid: 'act_2Zwn4c4SnN4HHeTb8EK7pe29ioz' });
    await storeItem('ACTOR_TOKENS', { ...stored, ...change });

    const answer = await new Browser().redeem(otherTicket);

    expect(outcome(answer)).toEqual(refusal(400, code));
    expect(await itemsWith('SESSIONS', { actor_token_id: id })).toEqual([]);
  });

  test('a used token whose record was set back to pending starts no second session', async () => {
    const { ticket, actorTokenId, browser, sessionId } = await aSignedInBrowser();
    const stored = await storedItem('ACTOR_TOKENS', { id: actorTokenId });
    await storeItem('ACTOR_TOKENS', { ...stored, status: 'pending' });

    const answers = [await new Browser().redeem(ticket), await browser.clone().redeem(ticket)];

    expect(answers.map(outcome)).toEqual(Array(2).fill(refusal(400, 'actor_token_already_used_code')));
    expect(answers.map(({ cookies }) => cookies)).toEqual([[], []]);
    expect(await itemsWith('SESSIONS', { actor_token_id: actorTokenId })).toHaveLength(1);
    // No accepted token proves the session any more.
    expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(401);
  });
});

test('a ticket works once, even in the browser that it signed in', async () => {
  const { ticket, browser, sessionId } = await aSignedInBrowser();

  const answers = [await browser.redeem(ticket), await new Browser().redeem(ticket)];

  expect(answers.map(outcome)).toEqual(Array(2).fill(refusal(400, 'actor_token_already_used_code')));
  expect(answers.map(({ cookies }) => cookies)).toEqual([[], []]);
  expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(200);
});

function hmac(payload: Members, secret: string | Buffer): string {
  const input = `${segment({ alg: 'HS256', typ: 'JWT' })}.${segment(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

function publicPem(): string {
  return createPublicKey(ticketKey()).export({ format: 'pem', type: 'spki' }).toString();
}

function anotherKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}
