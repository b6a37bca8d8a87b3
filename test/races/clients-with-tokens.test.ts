// No answer to clerk-js carries a client whose live session lacks its token: clerk-js puts that client in place of the one it has, and
// Clerk's React components then remove the whole page.
import { afterEach, describe, expect, inject, test } from 'vitest';
import { type OperationId, routes } from '../../functions/routes.ts';
import { Browser } from '../support/browser.ts';
import { type Fault, refusal } from '../support/fault-proxy.ts';
import { startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import type { TestAnswer } from '../support/http.ts';

const { dynamodb, kms } = await startFaults();
const { SESSION_KEY_IDS: sessionKey = '' } = inject('stack').environment;

afterEach(() => {
  kms.heal();
  dynamodb.heal();
});

const throttled = refusal(400, 'ThrottlingException');

const faults = [
  { name: 'fails', fault: refusal(500, 'KMSInternalException') },
  { name: 'throttles', fault: throttled },
];

function failToSign(fault: Fault): void {
  kms.hurt({ operation: 'Sign', about: sessionKey }, fault);
}

/** Every operation for browsers, and the button of the accept page. */
const ofBrowsers = routes.filter(({ audience, isForPeople }) => audience === 'frontend' || isForPeople);

interface Given {
  readonly browser: Browser;
  readonly sessionId: string;
}

/** Sends the request of clerk-js for one operation, in a browser that is signed in, with a ticket where one is asked for. */
async function send({ method, path }: (typeof routes)[number], { browser, sessionId }: Given): Promise<TestAnswer> {
  const filled = path.replace('{session_id}', sessionId).replace('{sign_in_id}', sessionId.replace('sess', 'sia'));
  const query = new URLSearchParams({ _clerk_js_version: '6.40.0', redirect_url: inject('stack').allowedOrigin });
  if (method === 'GET') return browser.get(`${filled}?${query}`);
  const { ticket } = await aPendingActorToken();
  const form = { strategy: 'ticket', ticket };
  return filled === '/v1/tickets/accept' ? browser.accept(ticket) : browser.send(method, `${filled}?${query}`, form);
}

interface ClientJson {
  readonly sessions: readonly { readonly status: string; readonly last_active_token: object | null }[];
}

/** Every client in an answer. */
function clientsIn(value: unknown): readonly ClientJson[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('object' in value && value.object === 'client') return [value as unknown as ClientJson];
  return Object.values(value).flatMap(clientsIn);
}

/** The clients in an answer whose live session lacks its token. */
function tokenless(answer: TestAnswer): readonly ClientJson[] {
  const lacksToken = ({ sessions }: ClientJson) =>
    sessions.some(({ status, last_active_token }) => status === 'active' && last_active_token === null);
  return clientsIn(answer.json).filter(lacksToken);
}

/** The operations whose answer has this browser. */
const carriers: readonly OperationId[] = [
  'CreateSignIn',
  'GetClient',
  'CreateClient',
  'PutClient',
  'RemoveClientSessions',
  'TouchSession',
  'EndSession',
  'RemoveSession',
];

describe('the client in an answer', () => {
  test.for(ofBrowsers)('$operation answers no client whose live session lacks its token', async (route) => {
    const answer = await send(route, await aSignedInBrowser());

    expect(tokenless(answer)).toEqual([]);
    if (answer.json) expect(clientsIn(answer.json).length > 0).toBe(carriers.includes(route.operation));
  });

  const fallible = ofBrowsers.filter(({ operation }) => operation !== 'CreateSignIn');

  test.for(faults.flatMap((fault) => fallible.map((route) => ({ ...fault, ...route }))))(
    '$operation answers no client whose live session lacks its token when KMS $name',
    async ({ fault, ...route }) => {
      const given = await aSignedInBrowser();
      failToSign(fault);

      expect(tokenless(await send(route, given))).toEqual([]);
    },
  );

  test.for(faults)('a sign-in answers its client without a token when KMS $name', async ({ fault }) => {
    const { ticket } = await aPendingActorToken();
    failToSign(fault);

    const answer = await new Browser().redeem(ticket);

    expect(answer.status).toBe(200);
    expect(tokenless(answer)).toHaveLength(1);
  });

  test.for(faults)('a touch is recorded when KMS $name, and answers no client', async ({ fault }) => {
    const given = await aSignedInBrowser();
    failToSign(fault);

    const { status, json } = await given.browser.post(`/v1/client/sessions/${given.sessionId}/touch`);

    expect(status).toBe(200);
    expect(json).toMatchObject({ response: { id: given.sessionId, status: 'active' }, client: null });
  });
});

describe('clerk-js asks for its client', () => {
  const asClerkJs = '/v1/client?_clerk_js_version=6.40.0';

  test.for(faults)('when KMS $name, clerk-js is told to try again, and never that it was wrong', async ({ fault }) => {
    const { browser } = await aSignedInBrowser();
    failToSign(fault);

    const answers = await Promise.all(['GET', 'POST', 'PUT'].map((method) => browser.send(method, asClerkJs)));

    for (const answer of answers)
      expect(answer).toMatchObject({
        status: 503,
        headers: { 'retry-after': '1' },
        json: { errors: [{ code: 'service_unavailable' }] },
        cookies: [],
      });
    expect((await new Browser().get(asClerkJs)).json).toEqual({ response: null, client: null });
  });

  test('when DynamoDB throttles, clerk-js is told to try again, and never that it was wrong', async () => {
    const { browser } = await aSignedInBrowser();
    dynamodb.hurt({ operation: 'GetItem' }, throttled);

    const [page, other] = [await browser.get(asClerkJs), await browser.get('/v1/client')];

    expect(page).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(other).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
  });

  test('other callers get the client when KMS fails: a countdown costs no signature', async () => {
    const { browser } = await aSignedInBrowser();
    const failed = kms.hurt({ operation: 'Sign' }, refusal(500, 'KMSInternalException'));

    const { status, json } = await browser.get('/v1/client');

    expect(status).toBe(200);
    expect(json.response.sessions).toMatchObject([{ status: 'active', last_active_token: null }]);
    expect(failed.hits).toBe(0);
  });
});
