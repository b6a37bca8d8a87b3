// A text that cannot be a credential of this product costs nothing: it causes no request to DynamoDB or KMS.
import { expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { summary } from '../support/refusal.ts';
import { decoded, segment, signedJwt, TICKET_HEADER } from '../support/tickets.ts';

const { dynamodb, kms } = await startFaults();

/** Signing this browser in has fetched the public keys. */
const { browser: signedIn } = await aSignedInBrowser();

async function requestsFor(act: () => Promise<TestAnswer>) {
  const { result, requests: toKms } = await kms.watch(() => dynamodb.watch(act));
  return { answer: result.result, requests: [...result.requests, ...toKms].map(({ operation }) => operation) };
}

const callWith = (key: string) => call({ path: '/v1/users', headers: { authorization: `Bearer ${key}` } });

test.for([
  ['of no known kind', `sk_prod_${'a'.repeat(43)}`],
  ['without its kind', 'a'.repeat(43)],
  ['of fewer than 20 characters', `sk_live_${'a'.repeat(19)}`],
  ['of more than 100 characters', `sk_live_${'a'.repeat(101)}`],
  ['with another character', `sk_live_${'a'.repeat(42)}.`],
])('a secret key %s is refused without a look-up', async ([, key = '']) => {
  const { answer, requests } = await requestsFor(() => callWith(key));

  expect(summary(answer)).toBe('401 clerk_key_invalid');
  expect(requests).toEqual([]);
});

test.for([20, 100])('a secret key of %i characters is looked up once', async (length) => {
  const { answer, requests } = await requestsFor(() => callWith(`sk_test_${'a'.repeat(length)}`));

  expect(summary(answer)).toBe('401 clerk_key_invalid');
  expect(requests).toEqual(['GetItem']);
});

const MAX_TICKET_BYTES = 4096;

/** Returns a rightly signed JWT of exactly this many bytes: the claims of the ticket and one more. */
function ticketOf(bytes: number, ticket: string): string {
  const { payload } = decoded(ticket);
  const rest = bytes - `${segment(TICKET_HEADER)}..${ticket.split('.')[2]}`.length;
  const more = Math.floor((rest * 3) / 4) - JSON.stringify({ ...payload, more: '' }).length;
  return signedJwt({ ...payload, more: 'x'.repeat(more) });
}

test('a ticket of more than 4096 bytes is refused without a look-up, one of 4096 is looked up', async () => {
  const { ticket } = await aPendingActorToken();
  // No base64url text is one byte longer, so two it is.
  const lengths = [MAX_TICKET_BYTES, MAX_TICKET_BYTES + 2] as const;
  const [longest, longer] = [ticketOf(lengths[0], ticket), ticketOf(lengths[1], ticket)];

  const taken = await requestsFor(() => new Browser().redeem(longest));
  const refused = await requestsFor(() => new Browser().redeem(longer));

  expect([longest.length, longer.length]).toEqual(lengths);
  expect([summary(taken.answer), summary(refused.answer)]).toEqual(Array(2).fill('400 ticket_invalid_code'));
  expect(taken.requests).toEqual(['GetItem']);
  expect(refused.requests).toEqual([]);
});

const [id = '', secret = ''] = (signedIn.cookie('__Host-client') ?? '').split('.');

test.for([
  ['without a secret', id],
  ['with an empty secret', `${id}.`],
  ['with a secret of 42 characters', `${id}.${secret.slice(1)}`],
  ['with a secret of 44 characters', `${id}.${secret}A`],
  ['with another character in its secret', `${id}.${secret.slice(1)}+`],
  ['with a third part', `${id}.${secret}.more`],
  ['with an empty third part', `${id}.${secret}.`],
  ['of another kind of id', `${id.replace('client_', 'sess_')}.${secret}`],
])('a client cookie %s counts as none, and is not looked up', async ([, value = '']) => {
  const cookies = [`__Host-client=${value}`];

  const read = await requestsFor(() => call({ path: '/v1/client', cookies }));
  const used = await requestsFor(() => call({ method: 'DELETE', path: '/v1/client/sessions', cookies }));

  const withoutCookie = await call({ method: 'DELETE', path: '/v1/client/sessions' });
  expect(read.answer).toMatchObject({ status: 200, json: { response: null, client: null }, cookies: [] });
  expect(summary(used.answer)).toBe(summary(withoutCookie));
  expect([...read.requests, ...used.requests]).toEqual([]);
});

test('the client cookie of a signed-in browser is looked up', async () => {
  const { answer, requests } = await requestsFor(() => signedIn.get('/v1/client'));

  expect(answer.json.response.sessions).toHaveLength(1);
  expect(requests).toContain('GetItem');
});

test('a visitor who has never signed in is not looked up, and gets no cookie', async () => {
  const { answer, requests } = await requestsFor(() => call({ path: '/v1/client?_clerk_js_version=6' }));

  expect(answer).toMatchObject({ status: 200, json: { response: null, client: null }, cookies: [] });
  expect(requests).toEqual([]);
});
