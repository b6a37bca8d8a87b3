// KMS fails, refuses or signs wrongly. No token without a valid signature is issued, and committed writes stay.
import { randomUUID } from 'node:crypto';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { epochMs } from '../../shared/base/time.ts';
import { verifyTicket } from '../../shared/signing/ticket.ts';
import { Browser } from '../support/browser.ts';
import { type Fault, hang, inTurn, refusal } from '../support/fault-proxy.ts';
import { startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { call, callBackend, startApi, testInstance } from '../support/http.ts';
import { claimsOf, expectInvariants } from '../support/invariants.ts';
import { itemsWith } from '../support/scan.ts';
import { storedItem } from '../support/stored.ts';

const { kms } = await startFaults();

const { TICKET_KEY_IDS: ticketKey = '', SESSION_KEY_IDS: sessionKey = '' } = inject('stack').environment;
const internal = refusal(500, 'KMSInternalException');
const throttled = refusal(400, 'ThrottlingException');
const disabled = refusal(400, 'DisabledException');

/** KMS signs, and one bit of the signature is changed. */
const garbage: Fault = async ({ forward, answer }) => {
  const reply = await forward();
  const signed = JSON.parse(reply.body.toString());
  const signature = Buffer.from(signed.Signature, 'base64');
  signature.writeUInt8(signature.readUInt8(100) ^ 1, 100);
  const body = Buffer.from(JSON.stringify({ ...signed, Signature: signature.toString('base64') }));
  answer({ ...reply, body });
};

const nothing = refusal(200, 'none');

/** KMS signs with another key than the requested one. */
function signedBy(keyId: string): Fault {
  return async ({ body, forward, answer }) => answer(await forward({ ...body, KeyId: keyId }));
}

const JWT = /eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/;

/** Signing this browser in has fetched the public keys, so that the faults affect signing only. */
const warm = await aSignedInBrowser();

afterEach(() => {
  kms.heal();
  vi.useRealTimers();
});

const faults = [
  { name: 'fails', fault: internal, status: 503 },
  { name: 'throttles', fault: throttled, status: 429 },
  { name: 'has a disabled key', fault: disabled, status: 503 },
  { name: 'returns a wrong signature', fault: garbage, status: 503 },
  { name: 'returns no signature', fault: nothing, status: 503 },
  { name: 'signs with another key', fault: inTurn(signedBy(ticketKey)), status: 503 },
];

test.for(faults)(
  'a sign-in stands when KMS $name: the ticket is spent and the session asks for its token next',
  async ({ fault }) => {
    const { id, ticket, userId } = await aPendingActorToken();
    kms.hurt({ operation: 'Sign', about: sessionKey }, fault);
    const browser = new Browser();

    const answer = await browser.redeem(ticket);

    expect(answer.status).toBe(200);
    expect(answer.json.client.sessions[0].last_active_token).toBeNull();
    expect(answer.text).not.toMatch(JWT);
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'accepted' });
    kms.heal();
    const minted = await browser.post(`/v1/client/sessions/${answer.json.response.created_session_id}/tokens`);
    expect(minted.status).toBe(200);
    expect(claimsOf(minted.json.jwt)).toMatchObject({ sub: userId, sid: answer.json.response.created_session_id });
    expect((await new Browser().redeem(ticket)).json.errors[0].code).toBe('actor_token_already_used_code');
    await expectInvariants([id]);
  },
);

test.for(faults)('no session token is answered when KMS $name', async ({ fault, status }) => {
  const { browser, sessionId } = await aSignedInBrowser();
  kms.hurt({ operation: 'Sign', about: sessionKey }, fault);

  const [minted, backend, touched] = await Promise.all([
    browser.post(`/v1/client/sessions/${sessionId}/tokens`),
    callBackend('POST', `/v1/sessions/${sessionId}/tokens`),
    browser.post(`/v1/client/sessions/${sessionId}/touch`),
  ]);

  for (const answer of [minted, backend]) {
    expect(answer).toMatchObject({ status, headers: { 'retry-after': '1' }, cookies: [] });
    expect(answer.text).not.toMatch(JWT);
  }
  expect(touched.status).toBe(200);
  expect(touched.json.response.last_active_token).toBeNull();
  expect(touched.text).not.toMatch(JWT);
});

const ticketFaults = faults.map((each) => ({
  ...each,
  fault: each.name === 'signs with another key' ? signedBy(sessionKey) : each.fault,
}));

test.for(ticketFaults)(
  'no ticket is answered when KMS $name, and what is stored can be redeemed by nobody',
  async ({ fault, status }) => {
    const userId = await aUser();
    kms.hurt({ operation: 'Sign', about: ticketKey }, fault);

    const answer = await callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor: { sub: 'support' } });

    expect(answer).toMatchObject({ status, headers: { 'retry-after': '1' } });
    expect(answer.text).not.toMatch(JWT);
    const stored = await itemsWith('ACTOR_TOKENS', { user_id: userId });
    expect(stored.length).toBeLessThanOrEqual(1);
    for (const token of stored) expect(token.status).toBe('pending');
  },
);

test.for(faults)('a redemption is verified without KMS, also when it $name', async ({ fault }) => {
  const { ticket } = await aPendingActorToken();
  kms.hurt({ operation: 'Sign', about: ticketKey }, fault);
  const publicKeys = kms.hurt({ operation: 'GetPublicKey' }, internal);

  const answer = await new Browser().redeem(ticket);

  expect(answer.status).toBe(200);
  expect(publicKeys.hits).toBe(0);
  expect(warm.sessionId).not.toBe(answer.json.response.created_session_id);
});

test('when KMS does not answer, a sign-in stands and everything that needs a signature is unavailable', async () => {
  const { ticket, userId } = await aPendingActorToken();
  const { browser, sessionId } = await aSignedInBrowser();
  kms.hurt({ operation: 'Sign' }, hang);

  const [signedIn, minted, created] = await Promise.all([
    new Browser().redeem(ticket),
    browser.post(`/v1/client/sessions/${sessionId}/tokens`),
    callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor: { sub: 'support' } }),
  ]);

  expect(signedIn.status).toBe(200);
  expect(signedIn.json.client.sessions[0].last_active_token).toBeNull();
  for (const answer of [minted, created])
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
});

const coldFaults = [
  { name: 'fails', fault: internal, status: 503, code: 'service_unavailable' },
  { name: 'throttles', fault: throttled, status: 429, code: 'too_many_requests' },
];

test.for(coldFaults)(
  'a function that starts while KMS $name says so, and recovers',
  async ({ fault, status, code }) => {
    const { ticket } = await aPendingActorToken();
    const cold = startApi(testInstance());
    const path = `/v1/tickets/accept?ticket=${ticket}`;
    kms.hurt({ operation: 'GetPublicKey' }, fault);

    const refused = [
      await cold.call({ path: '/.well-known/jwks.json' }),
      await cold.call({ path }),
      await cold.callBackend('POST', '/v1/actor_tokens', { user_id: warm.userId, actor: { sub: 'support' } }),
    ];
    kms.heal();
    const recovered = await cold.call({ path: '/.well-known/jwks.json' });

    for (const answer of refused) {
      expect(answer.json.errors[0].code).toBe(code);
      expect(answer.status).toBe(status);
    }
    expect(recovered.status).toBe(200);
    expect((await call({ path })).status).toBe((await cold.call({ path })).status);
  },
);

test('a ticket key that is out of service is logged once, and the other keys verify', async () => {
  const outOfService = `key-${randomUUID()}`;
  const instance = testInstance({ TICKET_KEY_IDS: `${ticketKey},${outOfService}` });
  kms.hurt({ operation: 'GetPublicKey', about: outOfService }, disabled);
  const { id, ticket } = await aPendingActorToken();
  const written = vi.spyOn(process.stdout, 'write');

  for (let count = 0; count < 3; count += 1)
    expect(await verifyTicket(ticket, { instance, now: epochMs(Date.now()) })).toMatchObject({ actorTokenId: id });

  const lines = written.mock.calls.map(([line]) => JSON.parse(String(line)));
  written.mockRestore();
  expect(lines).toMatchObject([{ message: 'dropped', what: 'verification_key', causes: ['DisabledException'] }]);
});
